"""The view of `unlock`: the locks that there are, and those that were removed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from moothall.pulumi_engine.state.unlocking import LockFile

KIND = "locks"


class LockView(TypedDict):
    """One lock, who holds it since when (RFC 3339), how long that is, and what has become of them (see `LockFile`).

    `pid` is None where the owner cannot be read, `ageSeconds` where the time cannot.
    """

    stack: str
    pid: int | None
    user: str
    host: str
    since: str
    ageSeconds: float | None
    fate: str


class LocksView(TypedDict):
    """Locks, by stack."""

    schemaVersion: int
    locks: list[LockView]
    removed: list[LockView]


def view(current_locks: Iterable[LockFile], removed_locks: Iterable[LockFile]) -> LocksView:
    """Return the view of the locks that there are now, and of those that were removed."""
    now = datetime.now(UTC)
    return {
        "schemaVersion": 1,
        "locks": [_lock(lock, now) for lock in current_locks],
        "removed": [_lock(lock, now) for lock in removed_locks],
    }


def _lock(lock: LockFile, now: datetime) -> LockView:
    return {
        "stack": lock.stack,
        "pid": lock.pid,
        "user": lock.user,
        "host": lock.host,
        "since": lock.since,
        "ageSeconds": _age(lock.since, now),
        "fate": lock.fate,
    }


def _age(since: str, now: datetime) -> float | None:
    try:
        return round((now - datetime.fromisoformat(since)).total_seconds(), 1)
    except (ValueError, TypeError):
        return None
