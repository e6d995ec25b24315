"""Passphrases that older versions left in clear beside a state: `doctor` names them, the next run removes them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.pulumi_engine import SILENT
from moothall.pulumi_engine.state import lock
from moothall.pulumi_engine.state.stale_passphrases import clear_passphrase_files, sweep


def laid_open(state: Path, stack: str) -> Path:
    """A passphrase as a killed run of an older version left it."""
    path = state / "pulumi" / stack / "passphrase"
    path.parent.mkdir(parents=True)
    path.write_text("a passphrase")
    return path


def test_they_are_removed_but_for_those_that_somebody_may_need(tmp_path: Path) -> None:
    """An older version that works on a stack has its file there, and holds the lock."""
    lab = MemoryLab(tmp_path)
    killed, working = laid_open(tmp_path, "killed"), laid_open(tmp_path, "working")
    with lock.hold(lab.backend, "bench", "working", SILENT):
        sweep(lab.backend, "bench")
    assert (killed.exists(), clear_passphrase_files(tmp_path)) == (False, [working])

    sweep(lab.backend, "bench")
    assert clear_passphrase_files(tmp_path) == []
    sweep(lab.backend, "bench")


def test_doctor_names_them(tmp_path: Path) -> None:
    """With the command that removes them, and what else follows from it."""
    path = laid_open(tmp_path / "state", "a.stack")
    found = _doctor(tmp_path)
    assert (found["status"], found["hint"]) == ("failed", f"rm {path}")
    assert "keys rotate --passphrase" in found["detail"]

    path.unlink()
    assert _doctor(tmp_path)["status"] == "passed"


def _doctor(folder: Path) -> dict[str, str]:
    words = [sys.executable, "-m", "moothall", "doctor", "--root", str(folder), "--state", str(folder / "state")]
    done = subprocess.run([*words, "--format", "json"], capture_output=True, text=True, check=False)
    [found] = [result for result in json.loads(done.stdout)["results"] if result["id"] == "left-open"]
    return dict(found)
