"""Files and folders for this user alone, whatever the umask is: states and evidence say what councils keep private."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO

FILE_MODE, _FOLDER_MODE = 0o600, 0o700


def folder(path: Path) -> None:
    """Make a folder, and those above it that are not there, of mode 0700. Raises OSError.

    One that is there already stays as it is: it may be shared on purpose.
    """
    missing = [ancestor for ancestor in (path, *path.parents) if not ancestor.exists()]
    for ancestor in reversed(missing or [path]):
        ancestor.mkdir(mode=_FOLDER_MODE, exist_ok=True)


def state(path: Path) -> None:
    """Make the folder of a state, which git passes over wherever it is. Raises OSError.

    A file `.gitignore` that is there stays as it is: somebody may have had a reason.
    """
    folder(path)
    with suppress(FileExistsError), open(path / ".gitignore", "x", encoding="ascii", opener=opener) as file:
        file.write("*\n")


def opener(path: str, flags: int) -> int:
    """Open a file for `open`, of mode 0600 where it is made."""
    return os.open(path, flags, FILE_MODE)


def open_private(path: Path) -> IO[bytes]:
    """Open a file to be written from its beginning, of mode 0600, also where it was there. Raises OSError."""
    file = open(path, "wb", opener=opener)  # noqa: SIM115  # the caller closes it
    with suppress(PermissionError):  # it is another user's, who lets us write
        os.fchmod(file.fileno(), FILE_MODE)
    return file


def write(path: Path, text: str) -> None:
    """Write a whole text file of mode 0600, in UTF-8. Raises OSError."""
    with open_private(path) as file:
        file.write(text.encode())
