"""The passphrase while the real CLI runs, and after a kill: in no file below the state, nor in any temporary one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pulumi_cli.by_pulumi import two
from tests.pulumi_cli.real_pulumi import SharedMemory, cli_of
from tests.pulumi_engine.lab import PASSPHRASE
from tests.pulumi_engine.memory_engine import MemoryLab
from tests.waiting import wait_until

from moothall.processes import start_ticks
from moothall.pulumi_cli import passphrase_file

pytestmark = pytest.mark.pulumi


@pytest.fixture
def lab(shared: SharedMemory, tmp_path: Path) -> MemoryLab:
    """A lab that both engines work on."""
    made = MemoryLab(tmp_path / "state")
    shared.use(made)
    return made


@pytest.fixture
def running(shared: SharedMemory, lab: MemoryLab, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A moothall whose CLI is making the first of two containers, and goes on with that until the test ends."""
    shared.hold(lab)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = shared.started(lab, TMPDIR=str(temporary))
    wait_until(lambda: shared.held, process.poll)
    yield process
    shared.let_go()
    process.kill()
    process.communicate()


def open_passphrases(folder: Path) -> list[Path]:
    """The files that hold the passphrase in clear."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    return [path for path in files if PASSPHRASE.encode() in path.read_bytes()]


@pytest.mark.parametrize("first", ["moothall", "cli"])
def test_a_kill_leaves_it_nowhere(
    shared: SharedMemory, lab: MemoryLab, running: subprocess.Popen[str], tmp_path: Path, first: str
) -> None:
    """Killed with its CLI, in either order, in the middle of a step; it was nowhere while both lived either."""
    cli = cli_of(running.pid)
    assert open_passphrases(tmp_path) == []

    for process in (running.pid, cli) if first == "moothall" else (cli, running.pid):
        os.kill(process, signal.SIGKILL)
    running.wait()
    wait_until(lambda: start_ticks(cli) is None)

    assert open_passphrases(tmp_path) == []
    assert lab.resources().keys() <= {"bench-dev", "engine"}
    shared.let_go()
    assert shared.pulumi.up(lab.run(two), lab.backend).status == "succeeded"


def test_it_is_in_no_environment(running: subprocess.Popen[str]) -> None:
    """Neither the CLI's nor that of a plug-in, which inherits it."""
    assert PASSPHRASE.encode() not in Path(f"/proc/{cli_of(running.pid)}/environ").read_bytes()


def test_where_there_are_no_files_in_memory_it_is_in_a_private_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the user's own runtime folder if that is the user's alone, else in a temporary one; gone afterwards."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for mode, inside in ((0o700, True), (0o750, False)):
        tmp_path.chmod(mode)
        with passphrase_file.passphrase_on_disk(PASSPHRASE) as path:
            assert path.read_text() == PASSPHRASE
            assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
            assert path.is_relative_to(tmp_path) == inside
        assert not path.parent.exists()
