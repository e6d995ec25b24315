"""The view of `unlock`: the locks that there are, and those that were removed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from moothall.pulumi_engine.state.unlocking import Held

KIND = "locks"


class LockView(TypedDict):
    """One lock, who holds it since when (RFC 3339), how long that is, and what has become of them (see `Held`).

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


def view(there: Iterable[Held], removed: Iterable[Held]) -> LocksView:
    """Return the view of the locks that there are now, and of those that were removed."""
    now = datetime.now(UTC)
    return {
        "schemaVersion": 1,
        "locks": [_lock(held, now) for held in there],
        "removed": [_lock(held, now) for held in removed],
    }


def _lock(held: Held, now: datetime) -> LockView:
    return {
        "stack": held.stack,
        "pid": held.pid,
        "user": held.user,
        "host": held.host,
        "since": held.since,
        "ageSeconds": _age(held.since, now),
        "fate": held.fate,
    }


def _age(since: str, now: datetime) -> float | None:
    try:
        return round((now - datetime.fromisoformat(since)).total_seconds(), 1)
    except (ValueError, TypeError):
        return None
