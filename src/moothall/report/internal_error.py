"""An internal error: one line for the user and a log file for whoever mends it."""

from __future__ import annotations

import platform
import re
import tempfile
import traceback
from collections.abc import Sequence
from typing import TextIO

from moothall import __version__
from moothall.failures import BUG
from moothall.report.style import safe

_USER = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s'\"]*@")


def report(bug: Exception, words: Sequence[str], stream: TextIO) -> int:
    """Write the traceback to a file that only its owner can read, name it on `stream`, return the exit code."""
    try:
        log_note = f"The details are in {_log(bug, words)}"
    except OSError as error:
        log_note = f"The details could not be kept: {error.strerror}"
    stream.write(f"moothall: an internal error: {type(bug).__name__}: {_first_line(bug)}. {log_note}\n")
    return BUG


def _log(bug: Exception, words: Sequence[str]) -> str:
    lines = [
        f"moothall {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {list(words)!r}",
        "",
        *"".join(traceback.format_exception(bug)).splitlines(),
    ]
    with tempfile.NamedTemporaryFile("w", prefix="moothall-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.writelines(f"{_fit(line)}\n" for line in lines)
    return log.name


def _first_line(bug: Exception) -> str:
    return _fit((str(bug).splitlines() or ["no message"])[0])


def _fit(line: str) -> str:
    """A line that may be shown: of an address with a user in it nothing but where it leads."""
    return safe(_USER.sub(r"\1...@", line))
