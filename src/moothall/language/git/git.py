"""Git itself, asked about the repository that holds a folder, whatever environment the caller was started in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

from moothall.failures import OperationError

_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}


def run(root: Path, *words: str, given: IO[bytes] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Return what `git` answers to a command in the folder `root`, all of it; OperationError where git is not
    installed."""
    with started(root, *words, given=given) as process:
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def started(root: Path, *words: str, given: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start `git` in the folder `root` with `given` to read; OperationError where git is not installed.

    Names of files are taken as they are, none as a pattern.
    """
    command = ["git", "-C", str(root), "--literal-pathspecs", *words]
    try:
        return subprocess.Popen(
            command,
            stdin=given or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
        )
    except FileNotFoundError:
        raise OperationError("git is not installed", hint="apt-get install git") from None


def _environment() -> Mapping[str, str]:
    """Return the environment without what binds git to another repository than that of the folder it is run in.

    A hook has such variables, and so has whatever it starts: with GIT_DIR alone, for one, git takes the folder for the
    top of the working tree.
    """
    bound = _bound()
    return {name: value for name, value in os.environ.items() if name not in bound} | _QUIET


@cache
def _bound() -> frozenset[str]:
    """Return the names of these variables, which this very git knows best (git-rev-parse(1))."""
    words = ["git", "-C", os.sep, "rev-parse", "--local-env-vars"]
    free = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        ran = subprocess.run(words, capture_output=True, encoding="ascii", env=free, check=True)
    except FileNotFoundError:
        raise OperationError("git is not installed", hint="apt-get install git") from None
    return frozenset(ran.stdout.split())


def last_line(complaints: bytes) -> str:
    """Return the last thing that git complained about."""
    lines = complaints.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
