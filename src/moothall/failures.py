"""Failures of the world: what happened, what was left, and the one command that mends it.

Mistakes in definitions are diagnostics, not failures. The exit codes are the fixed contract of the
command line.
"""

from __future__ import annotations

OK = 0
FAILED = 1
CHANGES = 2
INVALID = 3
REFUSED = 4
BLOCKED = 5
USAGE = 64
BUG = 70
INTERRUPTED = 130


class Failure(Exception):
    """Something outside the definitions went wrong; shown as three short lines, never as a traceback."""

    def __init__(self, what: str, *, left: str = "", mend: str = "", exit_code: int = FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.left = left
        self.mend = mend
        self.exit_code = exit_code
