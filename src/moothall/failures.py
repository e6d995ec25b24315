"""Failures of the world: what happened, what was left, and the one command that mends it.

Mistakes in definitions are diagnostics, not failures. The exit codes are the fixed contract of the
command line.
"""

from __future__ import annotations

import errno
from pathlib import Path

OK = 0
FAILED = 1
CHANGES = 2
INVALID = 3
REFUSED = 4
BLOCKED = 5
USAGE = 64
BUG = 70
INTERRUPTED = 130

NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS))
"""Why a file cannot be written although its folder lets us."""


class Failure(Exception):
    """Something outside the definitions went wrong; shown as three short lines, never as a traceback."""

    def __init__(self, what: str, *, left: str = "", mend: str = "", exit_code: int = FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.left = left
        self.mend = mend
        self.exit_code = exit_code


def mend_of(error: OSError, folder: Path) -> str:
    """Return the command that shows why nothing can be written in a folder: its room, or its permissions."""
    return f"df {folder}" if error.errno in NO_ROOM else f"ls -ld {folder}"
