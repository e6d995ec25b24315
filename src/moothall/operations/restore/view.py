"""The view of a restore, from what each of its steps returns."""

from __future__ import annotations

from collections.abc import Iterable

from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.comparison import Compared
from moothall.operations.restore.side_copy import Beside
from moothall.operations.restore.subject import Subject
from moothall.operations.restore.swap import Swapped
from moothall.postgres.changes import Database
from moothall.report.restoration.view import ComparedView, DatabaseView, RestorationView


def former(subject: Subject, kept: Iterable[str]) -> RestorationView:
    """Return the view of the former states that are kept, the newest last."""
    return {**_of(subject), "kept": list(kept)}


def beside(subject: Subject, moment: RecoveryTarget, copy: Beside, compared: Iterable[Compared]) -> RestorationView:
    """Return the view of a copy as of a moment, compared with what runs."""
    return {
        **_of(subject),
        "asked": moment.asked,
        "reached": copy.reached.isoformat(timespec="milliseconds") if copy.reached else None,
        "restoreSeconds": copy.seconds,
        "notes": list(copy.notes),
        "databases": [_compared(each) for each in compared],
    }


def add_swap(view: RestorationView, swap: Swapped) -> None:
    """Add what a swap came to."""
    view["kept"] = [swap.kept]
    view["interruptionSeconds"] = swap.seconds
    view["waiting"] = list(swap.waiting)


def _of(subject: Subject) -> RestorationView:
    return {
        "schemaVersion": 1,
        "partnership": subject.plan.partnership,
        "instance": subject.instance,
        "council": subject.council,
        "copy": subject.copy,
    }


def _compared(compared: Compared) -> ComparedView:
    return {
        "council": compared.tenant.council,
        "database": compared.tenant.database,
        "live": _database(compared.live),
        "copy": _database(compared.copy),
        "writtenSince": compared.written_since,
        "differences": [
            {"table": each.table, "live": each.live, "copy": each.copy, "writtenSince": each.later}
            for each in compared.differences
        ],
        "notCompared": compared.not_compared,
    }


def _database(database: Database | None) -> DatabaseView | None:
    if database is None:
        return None
    return {
        "bytes": database.size,
        "tables": len(database.tables),
        "rows": database.rows,
        "lastChange": database.changed,
    }
