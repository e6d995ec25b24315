"""The lock of a stack: Pulumi's lock file, which its CLI respects, and flock, which two of ours cannot both pass.

Pulumi (`pkg/backend/diy/lock.go`) counts every file in the lock folder as a lock, so flock is taken on the folder.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from moothall import atomic_file, json_text, private
from moothall.processes import start_ticks
from moothall.pulumi_engine.errors import Locked, StateNotWritten
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.steps.observer import SILENT, Observer

CLOCK_SLACK = 2.0  # seconds by which a process may seem younger than the lock that it wrote

LOOKS_FOR_OWNER = 20


@contextmanager
def hold(backend: Backend, project: str, stack: str, observer: Observer) -> Iterator[None]:
    """Hold the lock of a stack. A lock of a process that is provably gone is taken over.

    Where a full disk keeps the journal from being folded, the lock file stays, as after a kill. Raises Locked, and
    StateNotWritten.
    """
    with hold_flock(backend, project, stack, observer):
        lock_file = backend.locks(project, stack) / f"{uuid.uuid4()}.json"
        _write(lock_file)
        try:
            yield
        finally:
            if not backend.journal(project, stack).exists():  # Pulumi, which does not read it, must not go on
                lock_file.unlink(missing_ok=True)


@contextmanager
def hold_all(backend: Backend, project: str, stacks: Iterable[str]) -> Iterator[None]:
    """Hold the locks of several stacks, taken in the order of their names; when one cannot be had, none is kept.

    Raises Locked, with who holds the first that cannot be had, and StateNotWritten.
    """
    with ExitStack() as exit_stack:
        for stack in sorted(stacks):
            exit_stack.enter_context(hold(backend, project, stack, SILENT))
        yield


@contextmanager
def hold_flock(backend: Backend, project: str, stack: str, observer: Observer) -> Iterator[None]:
    """Hold the part of the lock that Pulumi does not know, around a run of its CLI, which writes the other part.

    A lock file of a process that is provably gone is removed, with what it was writing. Raises Locked.
    """
    folder = backend.locks(project, stack)
    try:
        private.state(backend.root)
        private.folder(folder)
    except OSError as error:
        raise StateNotWritten(folder, error) from error
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _take(handle, folder, stack, observer):
            sweep(backend, project, stack)
        yield
    finally:
        os.close(handle)


def locked_error(backend: Backend, project: str, stack: str) -> Locked:
    """The failure that names who holds the lock of a stack."""
    return _locked_by(stack, _present_owner(backend.locks(project, stack)))


def break_lock(backend: Backend, project: str, stack: str) -> int:
    """Remove all lock files of a stack, whoever wrote them; returns how many. For `unlock` alone."""
    files = list(backend.locks(project, stack).glob("*.json"))
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def sweep(backend: Backend, project: str, stack: str) -> None:
    """Delete what processes that are gone were writing of a state. For who holds its lock; what cannot go stays."""
    with suppress(OSError):
        atomic_file.sweep(backend.checkpoint(project, stack).parent, f"{stack}.json.")
        atomic_file.sweep(backend.history(project, stack))


def _take(handle: int, folder: Path, stack: str, observer: Observer) -> bool:
    """Take the flock of a lock folder; return whether lock files of processes that are gone had to go."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _locked_by(stack, _present_owner(folder)) from None
    lock_files = sorted(folder.glob("*.json"))
    for file in lock_files:
        owner = owner_of(file)
        if not is_gone(owner):
            raise _locked_by(stack, owner)
        file.unlink(missing_ok=True)
        observer.note(stack, f"took over the lock of process {owner.get('pid')}, which is gone")
    return bool(lock_files)


def _write(path: Path) -> None:
    owner = {"pid": os.getpid(), "username": _user(), "hostname": socket.gethostname(), "timestamp": _time()}
    stacks_folder = path.parent.parent  # in the lock folder, what a killed process leaves would be a lock
    try:
        atomic_file.replace(path, json.dumps(owner).encode(), durable=False, temporary_folder=stacks_folder)
    except OSError as error:
        raise StateNotWritten(path, error) from error


def owner_of(path: Path) -> dict[str, object]:
    """Who wrote a lock file: pid, username, hostname, timestamp; empty when it does not say."""
    try:
        owner = json_text.parse(path.read_text())
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}


def _present_owner(folder: Path) -> dict[str, object]:
    """The owner of a lock that somebody holds this moment; its file may be a few milliseconds late."""
    for _ in range(LOOKS_FOR_OWNER):
        for file in folder.glob("*.json"):
            return owner_of(file)
        time.sleep(0.01)
    return {}


def _locked_by(stack: str, owner: dict[str, object]) -> Locked:
    pid = owner.get("pid")
    return Locked(
        stack, pid if isinstance(pid, int) else None, str(owner.get("hostname", "")), str(owner.get("timestamp", ""))
    )


def is_gone(owner: Mapping[str, object]) -> bool:
    """Whether the owner certainly lives no more; one on another host, or one that cannot be read, never counts so."""
    pid = owner.get("pid")
    if not isinstance(pid, int) or owner.get("hostname") != socket.gethostname():
        return False
    if pid == os.getpid():
        return True  # we hold flock, so this process did not write it: an earlier one with the same number did
    start_time = _start_time(pid)
    return start_time is None or start_time > _seconds(str(owner.get("timestamp", ""))) + CLOCK_SLACK


def _start_time(pid: int) -> float | None:
    """When the process with this number started, seconds since 1970; None when there is none."""
    ticks = start_ticks(pid)
    if ticks is None:
        return None
    boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
    return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")


def _seconds(timestamp: str) -> float:
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        return float("inf")


def _time() -> str:
    return datetime.now(UTC).isoformat()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
