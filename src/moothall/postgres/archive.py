"""The write-ahead log on its way to the repository of backups."""

from __future__ import annotations

from moothall.postgres.session import NUMBER, SECONDS, TRUTH, Session
from moothall.waiting import wait_until

ARCHIVE_SECONDS = 60.0
"""How long a finished piece of the write-ahead log may take to reach the repository."""
_SWITCH = "SELECT pg_current_xact_id();\nSELECT pg_walfile_name(pg_switch_wal())"
_ARCHIVED = "SELECT substr(last_archived_wal, 9) >= substr(:'wanted', 9) FROM pg_stat_archiver"
_WAITING = """
SELECT NOT pg_is_in_recovery(), count(*), coalesce(extract(epoch FROM now() - min(modification)), 0)::numeric(18, 3)
FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'
"""


def archive_up_to_now(session: Session) -> bool:
    """Archive everything that is committed by now, and return whether it reached the repository in time.

    A commit is made as well: recovery to a moment ends only at a commit after it. Raises Inconclusive.
    """
    [segment] = session.row(_SWITCH, "[0-9A-F]{24}")
    return wait_until(lambda: session.rows(_ARCHIVED, wanted=segment) == [["t"]], ARCHIVE_SECONDS)


def archive_backlog(session: Session) -> tuple[int, float] | None:
    """Return how many pieces of log wait to be archived, and for how many seconds the oldest does.

    None where the server takes no writes. Raises Inconclusive.
    """
    is_primary, count, seconds = session.row(_WAITING, TRUTH, NUMBER, SECONDS)
    return (int(count), float(seconds)) if is_primary == "t" else None
