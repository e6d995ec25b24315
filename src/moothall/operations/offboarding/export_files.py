"""Files whose names come from somebody else: made anew below one folder, and nowhere else, for this user alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moothall.failures import Inconclusive

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Files:
    """A folder to put files into; who puts another in its place meanwhile gets none of them."""

    def __init__(self, handle: int) -> None:
        """Take the open folder."""
        self._handle = handle

    def write(self, name: str, content: bytes) -> None:
        """Write a new file in the folder itself. Raises `Inconclusive` for a name that leads elsewhere or is there."""
        if "/" in name or "\0" in name or name in ("", ".", ".."):
            raise Inconclusive(f"{name!r} is no name of a file in a folder")
        try:
            handle = os.open(name, _NEW, 0o600, dir_fd=self._handle)
        except FileExistsError:
            raise Inconclusive(f"a file {name} is there already") from None
        with open(handle, "wb") as file:
            file.write(content)


@contextmanager
def new_folder(path: Path) -> Iterator[Files]:
    """Make a folder and give what puts files into it. Raises OSError."""
    path.mkdir(mode=0o700)
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield Files(handle)
    finally:
        os.close(handle)
