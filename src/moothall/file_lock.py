"""Locks of open files and folders (flock): held against other processes, and gone with the process that holds them."""

from __future__ import annotations

import fcntl


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
