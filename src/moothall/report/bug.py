"""A bug of ours: one line for the user and a log file for whoever mends it."""

from __future__ import annotations

import platform
import tempfile
import traceback
from collections.abc import Sequence
from typing import TextIO

from moothall import __version__
from moothall.failures import BUG


def report(bug: Exception, words: Sequence[str], stream: TextIO) -> int:
    """Write the traceback to a file that only its owner can read, name it on `stream`, return the exit code."""
    where = _log(bug, words)
    stream.write(f"moothall: a bug of ours: {type(bug).__name__}: {_first_line(bug)}. The details are in {where}\n")
    return BUG


def _log(bug: Exception, words: Sequence[str]) -> str:
    with tempfile.NamedTemporaryFile("w", prefix="moothall-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(f"moothall {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        log.write(f"arguments: {list(words)!r}\n\n")
        log.writelines(traceback.format_exception(bug))
    return log.name


def _first_line(bug: Exception) -> str:
    return (str(bug).splitlines() or ["no message"])[0]
