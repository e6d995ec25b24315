"""One change of the definitions at a time: who makes one sees what the one before has written."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_held: set[Path] = set()
"""The folders that this process has locked: a change may be a part of another."""

_PAUSE = 0.1
"""Seconds between two looks at a lock that is not waited for without end."""


@contextmanager
def alone(root: Path, waits: Callable[[str], None], patience: float | None = None) -> Iterator[None]:
    """Hold the lock on the definitions below `root`; `waits` is told when somebody else has it.

    Who has `patience` goes on without the lock after as many seconds, and `waits` is told that too.
    It is a lock of the folder itself (flock), so it leaves no file behind and goes with a process that is killed. Where
    folders cannot be locked (some network file systems) there is none. Raises OSError when the folder cannot be opened.
    """
    place = (root / "partnerships").resolve()
    if place in _held or not place.is_dir():
        yield
        return
    with _opened(place) as folder:
        if not _locked(folder):
            waits(f"waiting: somebody else is changing what is in {root / 'partnerships'}")
            if not _waited(folder, patience):
                waits(f"not waiting any longer for whoever is changing what is in {root / 'partnerships'}")
                yield
                return
        _held.add(place)
        try:
            yield
        finally:
            _held.discard(place)


@contextmanager
def shortly(place: Path) -> Iterator[None]:
    """Hold the lock of a folder under which nobody is ever asked. Raises OSError when the folder cannot be opened."""
    with _opened(place) as folder:
        if not _locked(folder):
            _waited(folder, None)
        yield


@contextmanager
def _opened(place: Path) -> Iterator[int]:
    """Open a folder; a lock of it ends with this."""
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _locked(folder: int) -> bool:
    """Lock a folder and say so, unless somebody else has; there is nothing to wait for where it cannot be locked."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _waited(folder: int, patience: float | None) -> bool:
    """Wait for the lock of a folder, and say whether it is ours."""
    if patience is None:
        fcntl.flock(folder, fcntl.LOCK_EX)
        return True
    until = time.monotonic() + patience
    while not _locked(folder):
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True
