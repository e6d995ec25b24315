"""Generations and the new passphrase: what is exchanged, what lasts, and that an interruption loses nothing."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from tests.keys.keyrings import ALL, DALES, DURHAMS, IDENTITIES, INSTANCES, LASTING, OLD, cipher, opened

from moothall.failures import OperationError
from moothall.keys import open_keyring
from moothall.keys.changes import advance, retire
from moothall.keys.key_versions import FIRST, PARTNERSHIP
from moothall.keys.keyring_file import key_id, keyring_path, public_versions
from moothall.keys.rotation import new_passphrase, rekey_keyrings
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a keyring."""
    open_keyring(tmp_path, "north", cipher(), create=True)
    return tmp_path


def numbers(state: Path, labels: list[str], text: str = OLD) -> list[int]:
    """The generations of the labels, which are the same for who has no passphrase."""
    sealed, public = opened(state, text).versions, public_versions(state, "north")
    found = [sealed.of(label, IDENTITIES).number for label in labels]
    assert found == [public.of(label, IDENTITIES).number for label in labels]
    return found


def test_everything_begins_with_the_first(state: Path) -> None:
    """A keyring that was never rotated says nothing of generations."""
    assert "generations" not in json.loads(keyring_path(state, "north").read_text())
    assert set(numbers(state, ALL)) == {1}


def test_a_councils_own_rise_alone(state: Path) -> None:
    """Its passwords and keys, and nobody else's; the key and its id stay."""
    before, id_ = opened(state).master, key_id(state, "north")
    advance(state, "north", "u-1", cipher())

    assert set(numbers(state, DURHAMS)) == {2}
    assert set(numbers(state, [*DALES, *INSTANCES, *LASTING])) == {1}
    assert opened(state).master == before
    assert key_id(state, "north") == id_


def test_a_partnership_rises_but_for_what_lasts(state: Path) -> None:
    """Backups stay readable and the authority stays; both countings add up, so nothing ever goes back."""
    advance(state, "north", "u-1", cipher())
    advance(state, "north", PARTNERSHIP, cipher())

    assert numbers(state, [DURHAMS[0], DALES[0], INSTANCES[0]]) == [3, 2, 2]
    assert set(numbers(state, LASTING)) == {1}


@pytest.mark.parametrize(
    "label", ["leaf/gateway.durham.erp.combined-authority", "leaf/pg-port-authority.erp", "leaf/job.authority"]
)
def test_a_name_like_that_of_what_lasts_does_not_last(state: Path, label: str) -> None:
    """A site or an instance may be called after an authority."""
    advance(state, "north", PARTNERSHIP, cipher())
    assert numbers(state, [label]) == [2]


def test_another_generation_is_another_secret(state: Path) -> None:
    """Passwords, keys and the certificate's number differ; the first generation is what it was without numbers."""
    leaf = Certificate("relay.durham.erp", "relay.durham.erp", (), (), ("client",))

    def made(**how: object) -> list[str]:
        vault = DerivingVault({0: bytes(32)}, "north", agreed=date(2006, 1, 1), as_of=date(2006, 10, 10), **how)
        return [vault.secret("tenant/u-1/erp/admin-password"), vault.key(leaf), vault.certificate(leaf)]

    first, again, second = made(), made(version=lambda label: FIRST), made(version=lambda label: FIRST.next(1))
    assert first == again
    assert all(one != two for one, two in zip(first, second, strict=True))


def test_keyrings_follow_a_new_passphrase(state: Path) -> None:
    """The same key and versions under the new one, the old one opens nothing; done twice, the second has nothing to do.

    What is sealed, salts too, is sealed with the new one: who has the master key from before does not read them.
    """
    advance(state, "north", "u-1", cipher())
    before = opened(state)

    assert rekey_keyrings(state, cipher(), cipher("new one")) == 1
    assert rekey_keyrings(state, cipher(), cipher("new one")) == 0
    assert opened(state, "new one") == before
    assert numbers(state, DURHAMS[:1], "new one") == [2]
    with pytest.raises(OperationError, match="passphrase"):
        opened(state)
    with pytest.raises(OperationError):
        rekey_keyrings(state, cipher(), cipher("a third"))


def test_rotations_at_once_are_all_counted(state: Path) -> None:
    """Each reads what the one before has written: a lost one would leave a key in use that was to be exchanged."""
    with ThreadPoolExecutor(8) as pool:
        whose = ["u-1", "u-2", PARTNERSHIP, "u-1"] * 2
        made = list(pool.map(lambda each: advance(state, "north", each, cipher()).sequence, whose))
    versions = opened(state).versions.generations
    assert {each: versions[each].number for each in versions} == {"u-1": 5, "u-2": 3, PARTNERSHIP: 3}
    assert sorted(made) == list(range(2, 10))


def test_what_is_said_of_a_keyring_holds_no_key(state: Path) -> None:
    """Whatever shows it: neither the master key nor a salt."""
    keyring = advance(state, "north", "u-1", cipher())
    assert repr(keyring.master) not in repr(keyring)
    assert keyring.versions.generations["u-1"].salt not in repr(keyring)


def test_where_there_is_no_keyring_none_is_sealed(tmp_path: Path) -> None:
    """Nothing has ever stood."""
    assert rekey_keyrings(tmp_path, cipher(), cipher("new one")) == 0


def test_half_a_keyring_of_a_killed_run_goes_with_the_old_passphrase(state: Path) -> None:
    """It would open with the old one."""
    killed = subprocess.Popen(["true"])
    killed.wait()
    half = keyring_path(state, "north").with_name(f".north.json.{killed.pid}.0123abcd")
    half.write_bytes(keyring_path(state, "north").read_bytes())

    rekey_keyrings(state, cipher(), cipher("new one"))
    assert list(half.parent.iterdir()) == [keyring_path(state, "north")]


def test_the_random_one_waits_until_it_is_in_use(tmp_path: Path) -> None:
    """It is on disk, readable by its owner alone, before anything is sealed; a second attempt takes the same."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    first, second = new_passphrase(environment, None), new_passphrase(environment, None)
    assert first == second
    assert first.pending_file is not None
    assert first.pending_file.stat().st_mode & 0o777 == 0o600

    first.finish()
    assert (tmp_path / "moothall" / "passphrase").read_text().strip() == first.text
    assert not first.pending_file.exists()


def test_a_named_passphrase_is_followed_by_a_named_one(tmp_path: Path) -> None:
    """We do not write into files and variables of others."""
    with pytest.raises(OperationError, match="MOOTHALL_PASSPHRASE_FILE"):
        new_passphrase({"MOOTHALL_PASSPHRASE_FILE": "x"}, None)
    short = tmp_path / "short"
    short.write_text("short")
    with pytest.raises(OperationError):
        new_passphrase({}, short)


def test_a_leavers_keys_are_never_in_use_again(state: Path) -> None:
    """Neither when it comes back, nor for another council that takes its name; nobody else's change."""
    advance(state, "north", "u-1", cipher())
    used = set(numbers(state, DURHAMS))

    retire(state, "north", "durham", "u-1", cipher())

    back = set(numbers(state, DURHAMS))
    taken = opened(state).versions.of("leaf/relay.durham.erp", {"durham": "u-9", "dales": "u-2"})
    assert not used & back
    assert taken.number not in {1, *used}
    assert set(numbers(state, [*DALES, *INSTANCES, *LASTING])) == {1}
    retire(state, "north", "durham", "u-9", cipher())
    again = opened(state).versions.of("leaf/relay.durham.erp", {"durham": "u-10"})
    assert again.number > taken.number
