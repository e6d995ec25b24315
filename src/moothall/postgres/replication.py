"""Replication status of the two servers of a mirror.

PostgreSQL 15: pg_stat_wal_receiver on the standby, pg_stat_replication on the primary.
"""

from __future__ import annotations

from dataclasses import dataclass

from moothall.postgres.session import NUMBER, SECONDS, TRUTH, Session

# Lag in seconds is empty while nothing is written: then nothing is behind.
_PRIMARY = """
SELECT s.system_identifier, pg_is_in_recovery(), coalesce(r.state, ''),
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn), -1)::bigint,
       coalesce(extract(epoch FROM r.replay_lag), 0)::numeric(12, 3), coalesce(r.sync_state, '')
FROM pg_control_system() s
LEFT JOIN pg_stat_replication r ON r.application_name <> 'pg_basebackup'
ORDER BY r.state = 'streaming' DESC NULLS LAST LIMIT 1
"""
_STANDBY = """
SELECT s.system_identifier, pg_is_in_recovery(), coalesce(w.status, ''), 0, 0, ''
FROM pg_control_system() s LEFT JOIN pg_stat_wal_receiver w ON true
"""


@dataclass(frozen=True)
class Side:
    """What one server says of itself; lag in bytes (-1: nobody receives) and seconds, 0 on the standby.

    `waits` says whether the primary's commits wait for the standby.
    """

    system: str
    recovers: bool
    state: str
    lag_bytes: int
    lag_seconds: float
    waits: bool


def primary_side(session: Session) -> Side:
    """Return the replication status of the server that has to serve. Raises Inconclusive."""
    return _side(session, _PRIMARY)


def standby_side(session: Session) -> Side:
    """Return the replication status of the server that has to follow. Raises Inconclusive."""
    return _side(session, _STANDBY)


def _side(session: Session, query: str) -> Side:
    fields = (NUMBER, TRUTH, "[a-z]*", NUMBER, SECONDS, "[a-z]*")
    system, recovers, state, lag, seconds, sync = session.row(query, *fields)
    return Side(system, recovers == "t", state, int(lag), float(seconds), sync == "sync")
