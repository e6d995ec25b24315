"""What a state and its records say is for one user: no file and no folder of theirs is open to others."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pulumi_engine.lab import Words
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once

from moothall import private
from moothall.deploy import applied_digests, local_state
from moothall.pulumi_engine import SILENT
from moothall.pulumi_engine.steps.events import event_log


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """The umask of somebody who shares everything with everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(root: Path) -> list[str]:
    """Return what stands below a folder, and itself, that others may look into."""
    there = [root, *root.rglob("*")]
    return [f"{path} {path.stat().st_mode:o}" for path in there if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_nothing_of_a_state_is_open_to_others(tmp_path: Path) -> None:
    """Checkpoint, backup, versions, locks, journal of a failed run, events, and what is remembered beside them."""
    lab = MemoryLab(tmp_path / "deep" / "state")

    def program(memory: int) -> object:
        def declare(w: Words) -> None:
            w.network("net")
            w.container("app", envs=[w.pulumi.Output.secret("a-canary")], memory=memory)

        return declare

    with event_log(lab.root / "events" / "dev.jsonl", SILENT) as log:
        log.end(lab.up(program(16), observer=log))
    lab.up(program(32))
    applied_digests.write(lab.root, "dev", "plan", "checkpoint")
    local_state.write(lab.root / "known" / "engines.json", {"a": "b"})

    names = {path.name for path in lab.root.rglob("*")}
    assert {"dev.json", "dev.json.bak", "dev.jsonl", "engines.json", "meta.yaml"} <= names
    assert any(name.endswith(".checkpoint.json") for name in names)
    assert open_to_others(tmp_path / "deep") == []


def test_git_passes_a_state_over(tmp_path: Path) -> None:
    """Wherever a state is, nobody commits it by `git add`; a file that somebody put there is left as it is."""
    lab = MemoryLab(tmp_path / "deep" / "state")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "definition.yaml").write_text("")

    lab.up(lambda w: w.network("net"))

    said = subprocess.run(
        ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"], capture_output=True, check=True
    )
    assert said.stdout == b"?? definition.yaml\n"
    (lab.root / ".gitignore").write_text("")
    lab.up(lambda w: w.network("net"))
    assert (lab.root / ".gitignore").read_text() == ""


def test_what_an_interrupted_run_leaves_is_not_open_either(tmp_path: Path) -> None:
    """The journal stays where the last step could not be made."""
    lab = MemoryLab(tmp_path / "state")
    fails_once(lab.engine, "create", lab.name("app"))
    lab.up(lambda w: w.container("app"))

    assert open_to_others(tmp_path / "state") == []


def test_an_older_file_that_was_open_is_closed(tmp_path: Path) -> None:
    """An event log that an earlier version left; a folder that was there stays as its owner wants it."""
    file = tmp_path / "dev.jsonl"
    file.write_text("old and longer than what comes")
    tmp_path.chmod(0o755)
    private.folder(tmp_path)
    private.write(file, "new")

    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
