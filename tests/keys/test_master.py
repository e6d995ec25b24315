"""A master key exchanged: what was stolen before derives nothing, and the authority follows in three phases."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from tests.keys.keyrings import ALL, IDENTITIES, cipher, opened, vault

from moothall.failures import OperationError
from moothall.keys import open_keyring
from moothall.keys.changes import advance, exchange_master, forget_repositories, go_on
from moothall.keys.key_versions import PARTNERSHIP, KeyVersion, KeyVersions
from moothall.keys.keyring import Keyring
from moothall.keys.keyring_file import keyring_path, public_versions
from moothall.keys.rotation import rekey_keyrings
from moothall.model.planned import Certificate
from moothall.pulumi_engine.state.passphrase import Passphrase

LEAF = Certificate("relay.durham.erp", "relay.durham.erp", (), (), ("client",))
PASSWORD = "tenant/u-1/erp/database-password"
CIPHER = "instance/erp/repository-cipher"
UNTIL = 2_000_000_000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a keyring."""
    open_keyring(tmp_path / "state", "north", cipher(), create=True)
    return tmp_path / "state"


def next_phase(state: Path) -> Keyring:
    """Go on with an exchange that everything follows."""
    return go_on(state, "north", cipher(), public_versions(state, "north"))


def authorities(keyring: Keyring) -> list[x509.Certificate]:
    """Return the authorities that are trusted."""
    return x509.load_pem_x509_certificates(vault(keyring).authority().encode())


def leaf(keyring: Keyring) -> x509.Certificate:
    """Return a leaf's certificate."""
    return x509.load_pem_x509_certificate(vault(keyring).certificate(LEAF).encode())


def test_the_authority_follows_in_three_phases(state: Path) -> None:
    """Two are trusted and the old one signs; the new one signs; it alone is trusted. The leaf's key is the same."""
    before = opened(state)
    [old] = authorities(before)

    first = exchange_master(state, "north", cipher(), UNTIL)
    second = next_phase(state)
    last = next_phase(state)

    [old_in_first, new] = authorities(first)
    assert old_in_first == old
    assert authorities(second) == [new, old]
    assert authorities(last) == [new]
    leaf(first).verify_directly_issued_by(old)
    leaf(second).verify_directly_issued_by(new)
    assert leaf(second) == leaf(last)
    assert vault(first).thumbprint(LEAF) == vault(last).thumbprint(LEAF) != vault(before).thumbprint(LEAF)
    assert [each.versions.is_exchanging for each in (before, first, second, last)] == [False, True, True, False]
    assert before.sequence < first.sequence < second.sequence < last.sequence
    assert opened(state) == last


def test_two_authorities_have_two_names(state: Path) -> None:
    """Or a browser that trusts both would meet the same serial number of the same issuer twice."""
    old, new = authorities(exchange_master(state, "north", cipher(), UNTIL))
    assert old.subject != new.subject
    assert leaf(next_phase(state)).issuer == new.subject
    assert (old.not_valid_before_utc, old.not_valid_after_utc) == (new.not_valid_before_utc, new.not_valid_after_utc)


def test_an_old_copy_derives_nothing(state: Path, tmp_path: Path) -> None:
    """With all that it holds, and every number; not even where it is told of the phases."""
    shutil.copytree(state, tmp_path / "stolen")
    stolen = opened(tmp_path / "stolen")
    exchange_master(state, "north", cipher(), UNTIL)
    next_phase(state)
    now = vault(next_phase(state))

    for number in range(1, 10):
        version = KeyVersion(number)
        versions = replace(stolen.versions, generations={PARTNERSHIP: version}, authorities=(version,))
        tried = vault(replace(stolen, versions=versions))
        assert tried.secret(PASSWORD) != now.secret(PASSWORD)
        assert tried.key(LEAF) != now.key(LEAF)
        assert tried.authority() != now.authority()


def test_the_new_master_key_is_what_is_derived_from(state: Path) -> None:
    """Who learns all salts and the old master key has nothing: both are new."""
    before = opened(state)
    last = exchange_master(state, "north", cipher(), UNTIL)
    advance(state, "north", "u-1", cipher())

    assert last.master != before.master
    with_the_old = vault(replace(opened(state), masters=before.masters))
    assert with_the_old.secret(PASSWORD) != vault(opened(state)).secret(PASSWORD)
    assert with_the_old.key(LEAF) != vault(opened(state)).key(LEAF)


def test_backups_stay_readable(state: Path) -> None:
    """Their cipher derives from the old master key, which is kept for it; what is backed up now has another."""
    before = vault(opened(state)).secret(CIPHER)
    exchange_master(state, "north", cipher(), UNTIL)
    next_phase(state)
    last = next_phase(state)
    assert vault(last).secret(CIPHER) != before
    assert vault(last).former_secrets(CIPHER) == {1: before}
    assert (vault(last).generation(CIPHER), len(last.masters)) == (2, 2)


def test_a_former_cipher_goes_when_its_time_is_over(state: Path) -> None:
    """And with it the master key that nothing derives from any more; each repository has a time of its own."""
    first = exchange_master(state, "north", cipher(), UNTIL)
    ciphers = [vault(opened(state)).former_secrets(CIPHER)[1], vault(first).secret(CIPHER)]
    next_phase(state)
    next_phase(state)
    exchange_master(state, "north", cipher(), UNTIL + 9)
    next_phase(state)
    next_phase(state)
    assert list(vault(opened(state)).former_secrets(CIPHER).items()) == [(2, ciphers[1]), (1, ciphers[0])]
    assert len(opened(state).masters) == 3

    assert forget_repositories(state, "north", cipher(), UNTIL - 1).versions == opened(state).versions
    assert vault(forget_repositories(state, "north", cipher(), UNTIL)).former_secrets(CIPHER) == {2: ciphers[1]}
    last = forget_repositories(state, "north", cipher(), UNTIL + 9)

    assert vault(last).former_secrets(CIPHER) == {}
    assert list(last.masters.values()) == [last.master]
    assert opened(state) == last
    assert vault(last).generation(CIPHER) == 3


def test_a_phase_that_another_run_has_ended_is_not_ended_twice(state: Path) -> None:
    """Two runs at once have seen the same phase: the second does not go on to one that nothing follows."""
    exchange_master(state, "north", cipher(), UNTIL)
    seen = public_versions(state, "north")
    second = go_on(state, "north", cipher(), seen)
    assert go_on(state, "north", cipher(), seen).versions == second.versions


def test_one_exchange_at_a_time(state: Path) -> None:
    """The hint goes on with the one that is under way; keys may be rotated meanwhile."""
    exchange_master(state, "north", cipher(), UNTIL)
    before = keyring_path(state, "north").read_bytes()
    with pytest.raises(OperationError, match="being exchanged already") as refused:
        exchange_master(state, "north", cipher(), UNTIL)
    assert refused.value.hint.startswith("moothall up --partnership north ")
    assert keyring_path(state, "north").read_bytes() == before

    assert len(authorities(advance(state, "north", PARTNERSHIP, cipher()))) == 2


def test_another_exchange_is_another_authority(state: Path) -> None:
    """Each has a number, a name, a key and a master key of its own."""
    names = set()
    for _ in range(3):
        exchange_master(state, "north", cipher(), UNTIL)
        next_phase(state)
        [authority] = authorities(next_phase(state))
        names.add(authority.subject.rfc4514_string())
    assert names == {f"OU=generation {number},CN=moothall north" for number in (2, 3, 4)}


def test_another_passphrase_keeps_it(state: Path) -> None:
    """In the middle of an exchange, too."""
    first = exchange_master(state, "north", cipher(), UNTIL)
    rekey_keyrings(state, cipher(), cipher("another passphrase"))
    assert opened(state, "another passphrase") == first


def test_a_sealed_keyring_with_one_master_key_is_read(state: Path) -> None:
    """As it was written before master keys were exchanged."""
    keyring, path = opened(state), keyring_path(state, "north")
    ring = json.loads(path.read_text())
    passphrase = Passphrase("the old passphrase", ring["salt"])
    text = json.loads(passphrase.decrypt(ring["sealed"]))
    [text["master"]] = text.pop("masters").values()
    path.write_text(json.dumps({**ring, "sealed": passphrase.encrypt(json.dumps(text))}))
    assert opened(state) == keyring


@given(st.lists(st.sampled_from(["exchange", "go on", "forget", "u-1", PARTNERSHIP]), max_size=9))
def test_no_version_comes_back(deeds: list[str]) -> None:
    """Of any label, whatever follows on what; what is public tells the same versions apart."""
    versions, past = KeyVersions(), {label: [""] for label in ALL}
    seen: dict[tuple[str, str], str] = {}
    for since, deed in enumerate(deeds, 1):
        if deed == "exchange":
            versions = versions if versions.is_exchanging else versions.begin_exchange(since, since)
        elif deed == "forget":
            versions = versions.forget(since - 1)
        elif deed == "go on":
            versions = versions.go_on()
        else:
            versions = versions.advance(deed, since)
        for label in ALL:
            tag = versions.tag(label, IDENTITIES)
            assert tag == past[label][-1] or tag not in past[label]
            past[label] += [tag] if tag != past[label][-1] else []
            assert seen.setdefault((label, versions.public().tag(label, IDENTITIES)), tag) == tag
