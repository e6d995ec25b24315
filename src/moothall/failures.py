"""Failures of the world: what happened, what was left, and the one command that mends it.

Mistakes in definitions are diagnostics, not failures. The exit codes are the fixed contract of the
command line.
"""

from __future__ import annotations

import errno
import re
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

OPEN_STATE = "export MOOTHALL_PASSPHRASE_FILE=FILE  # a file with the passphrase that this state was made with"
"""What leads on where there is no passphrase, or another one."""
NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS))
"""Why a file cannot be written although its folder lets us."""


class OperationError(Exception):
    """Something outside the definitions went wrong; shown as three short lines, never as a traceback.

    Args: the `message` says what happened, `state` what was left, `hint` is the one command that leads further.
    """

    def __init__(self, message: str, *, state: str = "", hint: str = "", exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.state = state
        self.hint = hint
        self.exit_code = exit_code


class Inconclusive(Exception):
    """A thing could not be looked at; the text says why. It is neither good nor bad news about the thing."""


def hint_of(error: OSError, folder: Path) -> str:
    """Return the command that shows why nothing can be written in a folder: its room, or its permissions."""
    return f"df {folder}" if error.errno in NO_ROOM else f"ls -ld {folder}"


def describe_os_error(error: OSError, otherwise: str = "a file") -> tuple[str, str]:
    """Return the file that an error is about, `otherwise` if it does not say, and the reason.

    Of many files that could not be copied (`shutil.Error`) it is the first, and how many more there are.
    """
    if len(error.args) != 1 or not isinstance(error.args[0], list):
        return str(error.filename or otherwise), error.strerror or str(error)
    first, _, reason = error.args[0][0]
    more = f" (and {len(error.args[0]) - 1} more)" if len(error.args[0]) > 1 else ""
    return f"{first}{more}", re.sub(r"^\[Errno \d+\] |: '.*", "", str(reason))
