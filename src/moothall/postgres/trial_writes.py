"""Trial rows, written to see later which of them are still there."""

from __future__ import annotations

from moothall.postgres.session import SECONDS, Session

_TABLE = "CREATE TABLE IF NOT EXISTS public.drill (at timestamptz NOT NULL)"
_WRITE = "INSERT INTO public.drill VALUES (clock_timestamp()) RETURNING extract(epoch FROM at)"
_LAST = "SELECT coalesce(extract(epoch FROM max(at)), 0) FROM public.drill"


def prepare(session: Session) -> None:
    """Create the table of trial rows, unless it exists. Raises Inconclusive."""
    session.run(_TABLE)


def write(session: Session) -> float:
    """Write a row and return when, in seconds since 1970; it is confirmed then. Raises Inconclusive."""
    return _seconds(session, _WRITE)


def last_write_time(session: Session) -> float:
    """Return when the last row that is there was written, in seconds since 1970, 0 if none. Raises Inconclusive."""
    return _seconds(session, _LAST)


def _seconds(session: Session, statement: str) -> float:
    [seconds] = session.row(statement, SECONDS)
    return float(seconds)
