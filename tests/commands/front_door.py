"""The real command line on a root that may be spoilt, and somebody at its keyboard."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
BASE = PROJECT / "tests" / "cases" / "valid" / "two-councils"
PARTNERSHIP = "partnerships/dales/partnership.yaml"
ALSTON = "partnerships/dales/councils/alston.yaml"
BARTON = "partnerships/dales/councils/barton.yaml"


def sound_root(folder: Path) -> Path:
    """Return a copy of the sound base of the cases."""
    shutil.copytree(BASE, folder / "root", ignore=shutil.ignore_patterns(".moothall"))
    return folder / "root"


def moothall(verb: str, root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a verb with nobody at the keyboard."""
    command = [sys.executable, "-m", "moothall", verb, "--root", str(root), *words]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)


def typed(verb: str, root: Path, *words: str, answers: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a verb with somebody at the keyboard, who types the answers."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, "".join(f"{answer}\n" for answer in answers).encode())
    command = [sys.executable, "-m", "moothall", verb, "--root", str(root), *words]
    try:
        return subprocess.run(command, stdin=terminal, capture_output=True, encoding="utf-8", timeout=60, check=False)
    finally:
        os.close(keyboard)
        os.close(terminal)


def replace(root: Path, path: str, before: str, after: str) -> None:
    """Change a file that a test starts from."""
    file = root / path
    text = file.read_bytes().decode()
    assert before in text
    file.write_bytes(text.replace(before, after).encode())


def contents(root: Path) -> dict[str, bytes]:
    """Return every file of the definitions below a root."""
    files = (file for part in ("partnerships", "modules") for file in (root / part).rglob("*"))
    return {str(file.relative_to(root)): file.read_bytes() for file in files if file.is_file()}
