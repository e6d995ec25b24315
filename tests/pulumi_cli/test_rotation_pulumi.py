"""After a rotation nothing in a state directory opens with the passphrase before it, whichever engine wrote it."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pulumi_cli.real_pulumi import SharedMemory
from tests.pulumi_engine.lab import PROJECT, Words, ops, passphrase
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall import pulumi_engine
from moothall.pulumi_cli import Pulumi
from moothall.pulumi_engine.errors import BadPassphrase
from moothall.pulumi_engine.state import lock
from moothall.pulumi_engine.state.passphrase import Passphrase
from moothall.pulumi_engine.state.rekeying import rekey
from moothall.pulumi_engine.steps.observer import SILENT

pytestmark = pytest.mark.pulumi

NEW = "another passphrase altogether"
SALT = re.compile(rb"v1:[A-Za-z0-9+/]+=*:v1:[A-Za-z0-9+/]+=*:[A-Za-z0-9+/]+=*")
SEALED = re.compile(rb"(?=(v1:[A-Za-z0-9+/]+=*:[A-Za-z0-9+/]+=*))")  # within a salt line too


def program(number: int) -> object:
    """A volume, and a secret that changes."""

    def declare(w: Words) -> None:
        w.volume("data")
        w.volume(f"v{number}")
        w.pulumi.export("secret", w.pulumi.Output.secret(f"hush-{number}"))

    return declare


@pytest.fixture
def lab(shared: SharedMemory, tmp_path: Path) -> MemoryLab:
    """A lab on which both engines have worked, one of them killed, and in which states were put aside."""
    made = MemoryLab(tmp_path / "state")
    shared.use(made)
    for number in range(3):
        assert shared.pulumi.up(made.run(program(number)), made.backend).status == "succeeded"
        assert made.up(program(number + 10)).status == "succeeded"
    state = made.backend.checkpoint(PROJECT, "dev")
    shutil.copy(state, state.with_name(f"{state.name}.damaged-1"))
    shutil.copy(state, state.with_name(f".{state.name}.new"))
    gone = made.backend.folder / "backups" / PROJECT / "gone"
    gone.mkdir()
    shutil.copy(state, gone / "gone.1795942907121533983.json")
    (gone / "gone.1795942907121533984.json.gz").write_bytes(gzip.compress(state.read_bytes()))
    (made.root / "pulumi" / "dev" / "passphrase").write_text(passphrase())
    return made


def contents(root: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a folder with what is in it, unpacked."""
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            yield path, gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def opened(root: Path, keys: list[Passphrase]) -> set[str]:
    """The names of files with something that one of the keys opens, or that hold what is behind it."""
    return {path.name for path, data in contents(root) if any(_opens(text, keys) for text in SEALED.findall(data))}


def _opens(text: bytes, keys: list[Passphrase]) -> bool:
    for key in keys:
        try:
            key.decrypt(text.decode())
        except BadPassphrase:
            continue
        return True
    return False


def test_the_old_passphrase_opens_nothing_more(shared: SharedMemory, lab: MemoryLab) -> None:
    """Every ciphertext in the folder is tried with every key that the old passphrase ever had there."""
    salts = {line for _, data in contents(lab.root) for line in SALT.findall(data)}
    keys = [Passphrase(passphrase(), line.decode()) for line in salts]
    before = opened(lab.root, keys)
    assert {"dev.json", "dev.json.bak", "Pulumi.dev.yaml", "dev.json.damaged-1", ".dev.json.new"} < before
    logs = list(lab.root.glob("pulumi/*/home/logs/*"))
    copies = [path for path in lab.root.glob(".pulumi/backups/*/*/*.json") if json.loads(path.read_text())]
    assert (len(logs) > 2, len(copies)) == (True, 4)

    rekey(lab.backend, PROJECT, passphrase(), NEW)

    assert opened(lab.root, keys) == set()
    left = [path for path, data in contents(lab.root) if passphrase().encode() in data]
    assert left + [path for path in logs if path.exists()] == []
    fresh = pulumi_engine.Backend(lab.root, lambda: NEW)
    for path in copies:
        assert Passphrase(
            NEW, json.loads(path.read_text())["checkpoint"]["latest"]["secrets_providers"]["state"]["salt"]
        )
    assert ops(Pulumi(shared.pulumi.installation).preview(lab.run(program(12)), fresh)) == {}


def test_a_state_that_is_not_ours_stays(lab: MemoryLab) -> None:
    """Another project's, and one that Pulumi was told to compress: nothing else may hold what it holds."""
    others = [lab.backend.checkpoint("other", "dev"), lab.backend.checkpoint(PROJECT, "packed").with_suffix(".json.gz")]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        shutil.copy(lab.backend.checkpoint(PROJECT, "dev"), path)

    rekey(lab.backend, PROJECT, passphrase(), NEW)

    assert all(path.exists() for path in others)


def test_a_rotation_waits_for_nobody(lab: MemoryLab) -> None:
    """While somebody works on a stack nothing is sealed anew and nothing deleted."""
    before = dict(contents(lab.root))
    with lock.hold(lab.backend, PROJECT, "dev", SILENT), pytest.raises(pulumi_engine.Locked):
        rekey(lab.backend, PROJECT, passphrase(), NEW)

    assert {path: data for path, data in contents(lab.root) if path in before} == before
