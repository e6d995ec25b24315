"""One change of the definitions at a time: who makes one sees what the one before has written."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_held: set[Path] = set()
"""The folders that this process has locked: a change may be a part of another."""


@contextmanager
def alone(root: Path, waits: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock on the definitions below `root`; `waits` is told when somebody else has it.

    It is a lock of the folder itself (flock), so it leaves no file behind and goes with a process that is killed. Where
    folders cannot be locked (some network file systems) there is none. Raises OSError when the folder cannot be opened.
    """
    place = (root / "partnerships").resolve()
    if place in _held or not place.is_dir():
        yield
        return
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(folder, lambda: waits(f"waiting: somebody else is changing what is in {root / 'partnerships'}"))
        _held.add(place)
        yield
    finally:
        _held.discard(place)
        os.close(folder)


def _lock(folder: int, waits: Callable[[], None]) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waits()
        fcntl.flock(folder, fcntl.LOCK_EX)
    except OSError:
        return
