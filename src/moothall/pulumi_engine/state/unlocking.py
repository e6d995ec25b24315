"""Locks as they lie in the state, and taking away what nobody holds any more."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from moothall.pulumi_engine.errors import Locked
from moothall.pulumi_engine.state.backend import ORGANISATION, Backend
from moothall.pulumi_engine.state.lock import is_gone, owner_of, sweep

Fate = Literal["live", "dead", "foreign", "unreadable"]


@dataclass(frozen=True)
class LockFile:
    """One lock file: who wrote it, when (RFC 3339), and what has become of them.

    A `foreign` one is of another machine, whose processes nobody here can see; an `unreadable` one does not say.
    """

    stack: str
    pid: int | None
    user: str
    host: str
    since: str
    fate: Fate


def locks(backend: Backend, project: str) -> tuple[LockFile, ...]:
    """All locks of a project, by stack. Takes none and changes nothing."""
    folders = sorted((backend.folder / "locks" / ORGANISATION / project).glob("*/"))
    return tuple(lock_file for folder in folders for lock_file, _ in _look(folder, free=_is_free(folder)))


def unlock(backend: Backend, project: str, stack: str, *, force: bool) -> tuple[LockFile, ...]:
    """Remove the locks of a stack whose owners are dead, with `force` also those of which nobody here can know.

    What processes that are gone were writing of the state goes too. Returns the locks that were removed. Raises
    Locked, with nothing removed, for the lock of a live process, and for one that needs force and does not have it.
    """
    folder = backend.locks(project, stack)
    if not folder.is_dir():
        return ()
    with _flock(folder) as free:
        lock_files = list(_look(folder, free=free))
        for lock_file, _ in lock_files:
            if lock_file.fate == "live" or (lock_file.fate != "dead" and not force):
                raise Locked(stack, lock_file.pid, lock_file.host, lock_file.since)
        if not free:  # the file is a moment late
            raise Locked(stack, None, "", "")
        for _, file in lock_files:
            file.unlink(missing_ok=True)
        sweep(backend, project, stack)
        return tuple(lock_file for lock_file, _ in lock_files)


def _look(folder: Path, *, free: bool) -> Iterator[tuple[LockFile, Path]]:
    for file in sorted(folder.glob("*.json")):
        owner = owner_of(file)
        pid = owner.get("pid")
        user, host, since = (str(owner.get(name, "")) for name in ("username", "hostname", "timestamp"))
        fate = _fate(owner, free=free)
        yield LockFile(folder.name, pid if isinstance(pid, int) else None, user, host, since, fate), file


def _fate(owner: dict[str, object], *, free: bool) -> Fate:
    if not free:
        return "live"
    if not isinstance(owner.get("pid"), int):
        return "unreadable"
    if owner.get("hostname") != socket.gethostname():
        return "foreign"
    return "dead" if is_gone(owner) else "live"


def _is_free(folder: Path) -> bool:
    with _flock(folder) as free:
        return free


@contextmanager
def _flock(folder: Path) -> Iterator[bool]:
    """Hold the folder's flock, as a running operation does; yields False when one does already."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)
