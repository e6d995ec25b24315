"""Generations and the new passphrase: what is exchanged, what lasts, and that an interruption loses nothing."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from moothall.failures import OperationError
from moothall.keys import master_key
from moothall.keys.key_versions import PARTNERSHIP, advance, generations, retire
from moothall.keys.keyring import key_id, keyring_path
from moothall.keys.rotation import new_passphrase, rekey_keyrings
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.pulumi_engine.state.passphrase import Passphrase

UID = {"durham": "u-1", "dales": "u-2"}
OURS = ["secret/tenant/u-1/erp/database-password", "leaf/relay.durham.erp", "leaf/user.durham.erp"]
THEIRS = ["secret/tenant/u-2/erp/database-password", "leaf/gateway.dales.erp.morpeth"]
INSTANCES = ["leaf/pg-morpeth.erp", "leaf/job.erp"]
LASTING = ["secret/instance/erp/repository-cipher", "authority"]


def cipher(text: str) -> object:
    """Make ciphers of a passphrase."""
    return lambda salt: Passphrase(text, salt)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a keyring."""
    master_key(tmp_path, "north", cipher("old one"), create=True)
    return tmp_path


def numbers(state: Path, labels: list[str]) -> list[int]:
    """The generations of the labels."""
    generation = generations(state, "north", UID)
    return [generation(label) for label in labels]


def test_everything_begins_with_the_first(state: Path) -> None:
    """A keyring that was never rotated says nothing of generations."""
    assert "generations" not in json.loads(keyring_path(state, "north").read_text())
    assert set(numbers(state, [*OURS, *THEIRS, *INSTANCES, *LASTING])) == {1}


def test_a_councils_own_rise_alone(state: Path) -> None:
    """Its passwords and keys, and nobody else's; the key and its id stay."""
    before, id_ = master_key(state, "north", cipher("old one"), create=False), key_id(state, "north")
    assert advance(state, "north", "u-1") == 2

    assert set(numbers(state, OURS)) == {2}
    assert set(numbers(state, [*THEIRS, *INSTANCES, *LASTING])) == {1}
    assert master_key(state, "north", cipher("old one"), create=False) == before
    assert key_id(state, "north") == id_


def test_a_partnership_rises_but_for_what_lasts(state: Path) -> None:
    """Backups stay readable and the authority stays; both countings add up, so nothing ever goes back."""
    advance(state, "north", "u-1")
    advance(state, "north", PARTNERSHIP)

    assert numbers(state, [OURS[0], THEIRS[0], INSTANCES[0]]) == [3, 2, 2]
    assert set(numbers(state, LASTING)) == {1}


def test_another_generation_is_another_secret(state: Path) -> None:
    """Passwords, keys and the certificate's number differ; the first generation is what it was without numbers."""
    leaf = Certificate("relay.durham.erp", "relay.durham.erp", (), (), ("client",))

    def made(**how: object) -> list[str]:
        vault = DerivingVault(bytes(32), "north", agreed=date(2006, 1, 1), as_of=date(2006, 10, 10), **how)
        return [vault.secret("tenant/u-1/erp/admin-password"), vault.key(leaf), vault.certificate(leaf)]

    first, again, second = made(), made(generation=lambda label: 1), made(generation=lambda label: 2)
    assert first == again
    assert all(one != two for one, two in zip(first, second, strict=True))


def test_keyrings_follow_a_new_passphrase(state: Path) -> None:
    """The same key under the new one, the old one opens nothing; done twice, the second finds nothing to do."""
    before = master_key(state, "north", cipher("old one"), create=False)
    advance(state, "north", "u-1")

    assert rekey_keyrings(state, cipher("old one"), cipher("new one")) == 1
    assert rekey_keyrings(state, cipher("old one"), cipher("new one")) == 0
    assert master_key(state, "north", cipher("new one"), create=False) == before
    assert numbers(state, OURS[:1]) == [2]
    with pytest.raises(OperationError, match="passphrase"):
        master_key(state, "north", cipher("old one"), create=False)
    with pytest.raises(OperationError):
        rekey_keyrings(state, cipher("old one"), cipher("a third"))


def test_half_a_keyring_of_a_killed_run_goes_with_the_old_passphrase(state: Path) -> None:
    """It would open with the old one."""
    killed = subprocess.Popen(["true"])
    killed.wait()
    half = keyring_path(state, "north").with_name(f".north.json.{killed.pid}.0123abcd")
    half.write_bytes(keyring_path(state, "north").read_bytes())

    rekey_keyrings(state, cipher("old one"), cipher("new one"))
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
    advance(state, "north", "u-1")
    used = set(numbers(state, OURS))

    retire(state, "north", "durham", "u-1")

    back = set(numbers(state, OURS))
    taken = generations(state, "north", {"durham": "u-9", "dales": "u-2"})("leaf/relay.durham.erp")
    assert not used & back
    assert taken not in {1, *used}
    assert set(numbers(state, [*THEIRS, *INSTANCES, *LASTING])) == {1}
    retire(state, "north", "durham", "u-9")
    again = generations(state, "north", {"durham": "u-10"})("leaf/relay.durham.erp")
    assert again > taken
