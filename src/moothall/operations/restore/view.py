"""The view of a restore, from what each of its steps returns."""

from __future__ import annotations

from collections.abc import Iterable

from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.comparison import TenantComparison
from moothall.operations.restore.side_copy import SideCopy
from moothall.operations.restore.subject import Subject
from moothall.operations.restore.swap import SwapResult
from moothall.postgres.changes import Database
from moothall.report.restoration.view import ComparedView, DatabaseView, RestorationView


def former_states_view(subject: Subject, former_states: Iterable[str]) -> RestorationView:
    """Return the view of the former states that are kept, the newest last."""
    return {**_base_view(subject), "kept": list(former_states)}


def side_copy_view(
    subject: Subject, target: RecoveryTarget, copy: SideCopy, comparisons: Iterable[TenantComparison]
) -> RestorationView:
    """Return the view of a copy as of a moment, compared with what runs."""
    return {
        **_base_view(subject),
        "asked": target.label,
        "reached": copy.last_commit.isoformat(timespec="milliseconds") if copy.last_commit else None,
        "restoreSeconds": copy.seconds,
        "notes": list(copy.notes),
        "databases": [_comparison_view(comparison) for comparison in comparisons],
    }


def add_swap(view: RestorationView, swap: SwapResult) -> None:
    """Add the result of a swap to a view."""
    view["kept"] = [swap.former_name]
    view["interruptionSeconds"] = swap.seconds
    view["waiting"] = list(swap.failed_logins)


def _base_view(subject: Subject) -> RestorationView:
    return {
        "schemaVersion": 1,
        "partnership": subject.plan.partnership,
        "instance": subject.instance,
        "council": subject.council,
        "copy": subject.copy,
    }


def _comparison_view(comparison: TenantComparison) -> ComparedView:
    return {
        "council": comparison.tenant.council,
        "database": comparison.tenant.database,
        "live": _database_view(comparison.live),
        "copy": _database_view(comparison.copy),
        "writtenSince": comparison.rows_written_since,
        "differences": [
            {
                "table": difference.table,
                "live": difference.live_rows,
                "copy": difference.copy_rows,
                "writtenSince": difference.later_rows,
            }
            for difference in comparison.differences
        ],
        "notCompared": comparison.failure,
    }


def _database_view(database: Database | None) -> DatabaseView | None:
    if database is None:
        return None
    return {
        "bytes": database.size,
        "tables": len(database.tables),
        "rows": database.rows,
        "lastChange": database.last_change,
    }
