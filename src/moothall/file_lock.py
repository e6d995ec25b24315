"""Locks of open files and folders (flock): held against other processes, and gone with the process that holds them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def try_lock(descriptor: int) -> bool:
    """Lock a file or folder; return False if another process holds the lock.

    Return True also where there are no locks: some network file systems have none.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def folder_lock(folder_path: Path) -> Iterator[None]:
    """Hold the lock of a folder for a moment in which no user is prompted. Raises OSError when it cannot be opened."""
    with open_folder(folder_path) as descriptor:
        if not try_lock(descriptor):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def open_folder(folder_path: Path) -> Iterator[int]:
    """Open a folder; a lock of it ends with this. Raises OSError."""
    descriptor = os.open(folder_path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
