"""The hook for pre-commit: its command, run as pre-commit runs it, stops a broken definition."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from moothall import home
from moothall.failures import INVALID, OK

(HOOK,) = yaml.safe_load((home.PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
BASE = home.PROJECT / "tests" / "cases" / "valid" / "two-councils"


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("partnerships/dales/partnership.yaml", True),
        ("partnerships/dales/councils/alston.yaml", True),
        ("partnerships/dales/councils/alston.yml", True),
        ("modules/finance/module.yaml", True),
        ("docs/rules.md", False),
        ("tests/cases/valid/two-councils/partnerships/dales/partnership.yaml", False),
    ],
)
def test_it_runs_for_definitions(path: str, concerned: bool) -> None:
    """pre-commit searches the pattern in the path of every file that is about to be committed."""
    assert bool(re.search(HOOK["files"], path)) == concerned


def test_its_command_stops_a_broken_definition(tmp_path: Path) -> None:
    """In the folder of the repository, without file names, by its exit code."""
    shutil.copytree(BASE, tmp_path / "root")
    program = tmp_path / "bin" / "moothall"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m moothall "$@"\n')
    program.chmod(0o755)

    def run() -> int:
        path = f"{program.parent}:{os.environ['PATH']}"
        command = shlex.split(HOOK["entry"])
        return subprocess.run(command, cwd=tmp_path / "root", env={**os.environ, "PATH": path}, check=False).returncode

    assert not HOOK["pass_filenames"]
    assert run() == OK
    (tmp_path / "root/partnerships/dales/councils/alston.yaml").write_text("kind: Council\n")
    assert run() == INVALID
