"""Programs that run in sessions of their own, where no Ctrl-C of a terminal reaches them: they end with us all the
same, and with what they have started themselves."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 2.0  # seconds that they have to end by themselves, for one that breaks off gives back its locks
_LOOK = 0.05  # seconds between two looks

_leaders: set[int] = set()
_shutdown = threading.Event()


@contextmanager
def session_guard(leader: int) -> Iterator[None]:
    """Remember a session by its leader while the block waits for it; when the block breaks off, the session ends."""
    _leaders.add(leader)
    try:
        if _shutdown.is_set():
            end(leader)
        yield
    except BaseException:
        end(leader)
        raise
    finally:
        _leaders.discard(leader)


def end_all() -> None:
    """End every session, and each that begins after this; for whoever dies or gives up now.

    May be called where a signal is handled: it takes no lock.
    """
    _shutdown.set()
    for leader in tuple(_leaders):
        with suppress(ProcessLookupError):
            os.kill(leader, signal.SIGINT)
    until = time.monotonic() + PATIENCE
    while _leaders and time.monotonic() < until:
        time.sleep(_LOOK)
    for leader in tuple(_leaders):
        end(leader)


def end(leader: int) -> None:
    """Kill the leader of a session and whoever is in it, whatever process groups they have made."""
    for process in (leader, *_members(leader)):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _members(session: int) -> Iterator[int]:
    """The processes of a session (proc(5), `stat`); none where there is no such folder."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            text = path.read_text(encoding="utf-8", errors="replace")
            if text.rpartition(")")[2].split()[3] == str(session):
                yield int(path.parent.name)
