"""Locks that allow one change of the definitions at a time, so that each reads what the one before has written."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from moothall.file_lock import open_folder, try_lock

_locked_folders: set[Path] = set()
"""The folders that this process has locked: a change may be a part of another."""

_PAUSE = 0.1
"""Seconds between two looks at a lock that is not waited for without end."""


@contextmanager
def exclusive_lock(root: Path, report: Callable[[str], None], patience: float | None = None) -> Iterator[None]:
    """Hold the lock on the definitions below `root`; `report` is called with a message while another process holds it.

    After `patience` seconds the caller continues without the lock, which is reported too; None waits without end.
    It is a lock of the folder itself (flock), so it leaves no file behind and goes with a process that is killed. Where
    folders cannot be locked (some network file systems) there is none. Raises OSError when the folder cannot be opened.
    """
    folder_path = (root / "partnerships").resolve()
    if folder_path in _locked_folders or not folder_path.is_dir():
        yield
        return
    with open_folder(folder_path) as descriptor:
        if not try_lock(descriptor):
            report(f"waiting: somebody else is changing what is in {root / 'partnerships'}")
            if not _wait_for_lock(descriptor, patience):
                report(f"not waiting any longer for whoever is changing what is in {root / 'partnerships'}")
                yield
                return
        _locked_folders.add(folder_path)
        try:
            yield
        finally:
            _locked_folders.discard(folder_path)


def _wait_for_lock(folder: int, patience: float | None) -> bool:
    """Wait for the lock of a folder, and say whether it is ours."""
    if patience is None:
        fcntl.flock(folder, fcntl.LOCK_EX)
        return True
    deadline = time.monotonic() + patience
    while not try_lock(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True
