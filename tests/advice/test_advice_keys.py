"""Each failure of the keyring and its passphrase is made, what it advises is done, and `up` gets further."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from tests.advice.taking import Operator
from tests.advice.walking import Case, walk
from tests.fakes.provided import Machine


def own_file(at: Operator) -> Path:
    """Return the user's own passphrase file; what moves it away is given as FILE."""
    return at.root.parent / "config/moothall/passphrase"


def readable(at: Operator, machine: Machine) -> None:
    """Others may read it."""
    own_file(at).chmod(0o644)


def away(at: Operator, machine: Machine) -> None:
    """It is elsewhere."""
    at.given["FILE"] = str(shutil.move(own_file(at), at.root.parent / "passphrase"))


def named_wrongly(at: Operator, machine: Machine) -> None:
    """A variable names a file that is not there."""
    away(at, machine)
    at.patch.setenv("MOOTHALL_PASSPHRASE_FILE", str(at.root / "nowhere"))


def replaced(at: Operator, machine: Machine, text: str = "quite another passphrase") -> None:
    """It is another one."""
    away(at, machine)
    own_file(at).write_text(text)
    own_file(at).chmod(0o600)


def short(at: Operator, machine: Machine) -> None:
    """It protects nothing."""
    replaced(at, machine, "short")


def folder(at: Operator, machine: Machine) -> None:
    """There is a folder in its place."""
    away(at, machine)
    own_file(at).mkdir()
    at.acts["^ls -l "] = lambda text: (own_file(at).rmdir(), shutil.copy(at.given["FILE"], own_file(at)))


def keyring(at: Operator, **members: object) -> None:
    """Change members of the keyring; as it was it lies in a backup."""
    backup = at.root.parent / "backup"
    shutil.copytree(at.root / ".moothall", backup)
    at.given["BACKUP_OF_THE_STATE"] = str(backup)
    file = at.root / ".moothall/keyring/dales.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **members}) if members else "{")


def altered(at: Operator, machine: Machine) -> None:
    """The key is sealed with something else than its salt line says."""
    keyring(at, sealed="v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")


def older(at: Operator, machine: Machine) -> None:
    """The operator has used a newer keyring, which is lost; rotating is confirmed."""
    key = json.loads((at.root / ".moothall/keyring/dales.json").read_text())["id"]
    seen = own_file(at).with_name("keyrings") / key
    seen.parent.mkdir()
    seen.write_text("7")
    at.acts["^moothall keys rotate "] = lambda text: [*shlex.split(text, comments=True)[1:], "--yes"]


KEYRING = "keys/keyring_file.py"
PASSPHRASE = "pulumi_engine/state/passphrase.py"
CASES = {
    "others may read it": Case(readable, "keys/passphrase.py:from_file", ["chmod"]),
    "it is elsewhere": Case(away, "keys/passphrase.py:_read_own_file", ["export"]),
    "it is named wrongly": Case(named_wrongly, "keys/passphrase.py:from_file", ["export"]),
    "it is another": Case(replaced, f"{PASSPHRASE}:decrypt", ["export"]),
    "it is short": Case(short, "keys/passphrase.py:_require_length", ["export"]),
    "it is a folder": Case(folder, "keys/passphrase.py:from_file", ["ls"]),
    "no keyring": Case(lambda at, machine: keyring(at), f"{KEYRING}:damaged_keyring", ["cp"]),
    "no generations": Case(lambda at, machine: keyring(at, generations=[1]), f"{KEYRING}:damaged_keyring", ["cp"]),
    "generations not sealed": Case(
        lambda at, machine: keyring(at, generations={"": 2}), f"{KEYRING}:altered_keyring", ["cp"]
    ),
    "an older keyring": Case(older, "keys/seen_keyrings.py:refuse_older", ["keys"]),
    "a key that is none": Case(lambda at, machine: keyring(at, sealed="v1:x:y"), f"{PASSPHRASE}:_decode", ["cp"]),
    "a key that was altered": Case(altered, f"{PASSPHRASE}:decrypt", ["cp"]),
    "a key without a form": Case(lambda at, machine: keyring(at, sealed="x"), f"{PASSPHRASE}:decrypt", ["cp"]),
    "a salt that is none": Case(lambda at, machine: keyring(at, salt="v9"), f"{PASSPHRASE}:_split_salt_line", ["cp"]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_keyring_opens_in_the_end(operator: Operator, machine: Machine, case: str) -> None:
    """Whatever it was that failed."""
    machine.take("dales.ledger.hill.postgres")
    walk(operator, machine, CASES[case], "up", "--yes")
