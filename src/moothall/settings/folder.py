"""A folder, that of the state: there or not yet there, but no word that cannot be one."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_NEVER = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR)


def folder(text: str) -> Path:
    """Return the path that a word says; raises ValueError for one at which no folder is or can be made."""
    try:
        is_folder = stat.S_ISDIR(os.stat(text).st_mode)
    except OSError as error:  # what is not there is made, and what may not be read is told by whoever needs it
        if error.errno in _NEVER:
            raise ValueError(f"{text!r} cannot be a folder: {error.strerror}") from None
        return Path(text)
    if not is_folder:
        raise ValueError(f"{text!r} is not a folder")
    return Path(text)
