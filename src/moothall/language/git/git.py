"""Runs git in the repository that holds a folder, independent of the environment of the caller."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

from moothall.failures import OperationError

_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}


def run(root: Path, *words: str, stdin: IO[bytes] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Return the completed `git` command in the folder `root`, with its output; OperationError where git is not
    installed."""
    with start_process(root, *words, stdin=stdin) as process:
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def start_process(root: Path, *words: str, stdin: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start `git` in the folder `root` with `stdin` to read; OperationError where git is not installed.

    Names of files are taken as they are, none as a pattern.
    """
    command = ["git", "-C", str(root), "--literal-pathspecs", *words]
    try:
        return subprocess.Popen(
            command,
            stdin=stdin or subprocess.DEVNULL,
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
    binding_variables = _binding_variables()
    return {name: value for name, value in os.environ.items() if name not in binding_variables} | _QUIET


@cache
def _binding_variables() -> frozenset[str]:
    """Return the names of these variables, which this very git knows best (git-rev-parse(1))."""
    words = ["git", "-C", os.sep, "rev-parse", "--local-env-vars"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        result = subprocess.run(words, capture_output=True, encoding="ascii", env=environment, check=True)
    except FileNotFoundError:
        raise OperationError("git is not installed", hint="apt-get install git") from None
    return frozenset(result.stdout.split())


def last_line(complaints: bytes) -> str:
    """Return the last line of git's standard error."""
    lines = complaints.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
