"""What a copy holds against what runs, and the view of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tests.verify import plans

from moothall.operations.restore import view
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.comparison import Difference, TenantComparison
from moothall.operations.restore.side_copy import SideCopy
from moothall.operations.restore.subject import Subject
from moothall.operations.restore.swap import SwapResult
from moothall.postgres.changes import Database, Table

DURHAM, EDEN = plans.tenant("p", "durham"), plans.tenant("p", "eden")
LIVE = Database(9, {"a": Table(7, 2, "2026-02-01"), "b": Table(1, 0, ""), "c": Table(3, 3, "2026-02-02")})
COPY = Database(8, {"a": Table(5, 0, "2026-01-01"), "b": Table(1, 0, ""), "d": Table(4, 0, "")})


PLAN = plans.plan()
SUBJECT = Subject(PLAN, PLAN.backups[0], PLAN.tenants, None)


def test_tables_differ_by_rows_or_by_their_last_change() -> None:
    """Those of one side alone, too; what was written since is counted over all tables."""
    comparison = TenantComparison(DURHAM, LIVE, COPY)

    assert comparison.differences == (
        Difference("a", 7, 5, 2),
        Difference("c", 3, None, 3),
        Difference("d", None, 4, 0),
    )
    assert comparison.rows_written_since == 5
    assert TenantComparison(DURHAM, LIVE, replace(LIVE, size=1)).differences == ()


def test_what_is_not_there_is_not_written() -> None:
    """Nothing is lost of a database that does not run; of one that could not be asked nobody knows."""
    assert TenantComparison(DURHAM, None, COPY).rows_written_since == 0
    assert TenantComparison(DURHAM, None, None, failure="silent").rows_written_since is None


def test_the_view_has_what_each_step_came_to() -> None:
    """A swap replaces what was kept."""
    moment = RecoveryTarget(datetime(2026, 1, 1, tzinfo=UTC))
    copy = SideCopy([], datetime(2025, 12, 31, 23, 59, 59, 123456, tzinfo=UTC), 1.5, ("a note",))
    shown = view.side_copy_view(
        SUBJECT, moment, copy, [TenantComparison(DURHAM, LIVE, None), TenantComparison(EDEN, None, None, "silent")]
    )

    durham, eden = shown["databases"]
    assert durham["live"] == {"bytes": 9, "tables": 3, "rows": 11, "lastChange": "2026-02-02"}
    assert (durham["copy"], durham["differences"], durham["notCompared"]) == (None, [], None)
    assert (eden["live"], eden["writtenSince"], eden["notCompared"]) == (None, None, "silent")
    assert shown["reached"] == "2025-12-31T23:59:59.123+00:00"

    view.add_swap(shown, SwapResult("crm.before", 2.5, ("durham: not yet",)))
    assert (shown["kept"], shown["interruptionSeconds"], shown["waiting"]) == (["crm.before"], 2.5, ["durham: not yet"])
    assert view.former_states_view(SUBJECT, ["one", "two"])["kept"] == ["one", "two"]
