"""An old copy of the state is worthless: with its passphrase too it derives nothing of a later generation."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.keys.keyrings import ALL, IDENTITIES, LASTING, cipher, opened, vault

from moothall.keys import open_keyring
from moothall.keys.changes import advance
from moothall.keys.key_versions import PARTNERSHIP, KeyVersion, KeyVersions
from moothall.keys.keyring import Keyring
from moothall.model.planned import Certificate

LEAF = Certificate("relay.durham.erp", "relay.durham.erp", (), (), ("client",))
PASSWORD = "tenant/u-1/erp/database-password"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a keyring that was rotated before."""
    open_keyring(tmp_path / "state", "north", cipher(), create=True)
    advance(tmp_path / "state", "north", "u-1", cipher())
    return tmp_path / "state"


def guesses(stolen: Keyring, whose: str) -> list[Keyring]:
    """Return what a thief makes of an old keyring: every number, beside the old salt and beside none."""
    known = stolen.versions.generations.get(whose, KeyVersion())
    return [
        replace(stolen, versions=replace(stolen.versions, generations={**stolen.versions.generations, whose: version}))
        for number in range(1, 10)
        for version in (KeyVersion(number), KeyVersion(number, known.salt))
    ]


@pytest.mark.parametrize("whose", ["u-1", PARTNERSHIP])
def test_an_old_copy_derives_nothing_of_the_next_generation(state: Path, tmp_path: Path, whose: str) -> None:
    """With the passphrase, the master key, all salts until then, and every number counted up."""
    shutil.copytree(state, tmp_path / "stolen")
    stolen = opened(tmp_path / "stolen")
    before = vault(stolen).secret(PASSWORD), vault(stolen).key(LEAF)

    now = vault(advance(state, "north", whose, cipher()))

    tried = [vault(guess) for guess in guesses(stolen, whose)]
    assert before[0] in {each.secret(PASSWORD) for each in tried}, "the thief does know how it is derived"
    assert now.secret(PASSWORD) not in {each.secret(PASSWORD) for each in tried}
    assert now.key(LEAF) not in {each.key(LEAF) for each in tried}
    assert now.thumbprint(LEAF) not in {each.thumbprint(LEAF) for each in tried}


def test_two_copies_that_count_up_part(state: Path, tmp_path: Path) -> None:
    """The same number of the same keyring is another generation: nothing but the salt tells them apart."""
    shutil.copytree(state, tmp_path / "other")
    ours, theirs = (advance(each, "north", "u-1", cipher()) for each in (state, tmp_path / "other"))

    assert ours.versions.of(f"secret/{PASSWORD}", IDENTITIES).number == 3
    tags = {each.versions.public().of(f"secret/{PASSWORD}", IDENTITIES).tag() for each in (ours, theirs)}
    assert len(tags) == 2
    assert vault(ours).secret(PASSWORD) != vault(theirs).secret(PASSWORD)
    serials = {
        x509.load_pem_x509_certificate(vault(each).certificate(LEAF).encode()).serial_number for each in (ours, theirs)
    }
    assert len(serials) == 2


def test_a_key_of_a_salted_generation_belongs_to_its_certificate(state: Path) -> None:
    """And the authority, which nothing exchanges, has signed it."""
    now = vault(opened(state))
    certificate = x509.load_pem_x509_certificate(now.certificate(LEAF).encode())
    assert load_pem_private_key(now.key(LEAF).encode(), None).public_key() == certificate.public_key()
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(now.authority().encode()))


changes = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.sampled_from(["u-1", "u-2", PARTNERSHIP])),
        st.tuples(st.just("retire"), st.sampled_from(["durham", "dales"])),
    ),
    max_size=8,
)
CONCERNED = {
    ("advance", "u-1"): lambda label: "u-1" in label or "durham" in label,
    ("advance", "u-2"): lambda label: "u-2" in label or "dales" in label,
    ("advance", PARTNERSHIP): lambda label: True,
    ("retire", "durham"): lambda label: "u-1" in label or "durham" in label,
    ("retire", "dales"): lambda label: "u-2" in label or "dales" in label,
}


def changed(versions: KeyVersions, change: tuple[str, str], since: int) -> KeyVersions:
    """Return the versions after a rotation or a departure."""
    what, whose = change
    return versions.advance(whose, since) if what == "advance" else versions.retire(whose, IDENTITIES[whose], since)


@given(changes)
def test_whoever_is_concerned_has_what_never_was_and_nobody_else_changes(deeds: list[tuple[str, str]]) -> None:
    """After any rotations and departures: numbers rise, versions never come back, and what lasts lasts."""
    versions = KeyVersions()
    past = {label: [versions.of(label, IDENTITIES)] for label in ALL}
    for since, deed in enumerate(deeds, 1):
        sequence, versions = versions.count_changes(), changed(versions, deed, since)
        assert versions.count_changes() > sequence
        for label in ALL:
            version = versions.of(label, IDENTITIES)
            if label in LASTING or not CONCERNED[deed](label):
                assert version == past[label][-1]
            else:
                assert version.number > past[label][-1].number
                assert version.since == since
                assert version.salt not in {each.salt for each in past[label]}
                past[label].append(version)


@given(changes)
@settings(max_examples=25)
def test_what_is_public_tells_the_same_versions_apart(deeds: list[tuple[str, str]]) -> None:
    """And it holds no salt: a stack's plan is another where its keys are, for who has no passphrase."""
    versions, seen = KeyVersions(), {}
    for since, deed in enumerate(deeds, 1):
        versions = changed(versions, deed, since)
        for label in ALL:
            version, public = versions.of(label, IDENTITIES), versions.public().of(label, IDENTITIES)
            assert seen.setdefault((label, public.tag()), version) == version
            assert not version.salt or version.salt not in str(versions.public())
