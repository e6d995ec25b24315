"""The view of a cut-over: what was asked, and one result for every account in every period, in the form of `verify`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypedDict, final

from moothall.report.results.view import ResultsView, ResultView

if TYPE_CHECKING:
    from moothall.cutover.order import Outcome
    from moothall.cutover.totals import AccountComparison

KIND = "cutover"


class Subject(NamedTuple):
    """Whose cut-over it is, from which system, by which day, and what was asked ("rehearse" or "import")."""

    council: str
    instance: str
    system: str
    begins: date
    as_of: date
    action: str
    digest: str


class Sides(TypedDict):
    """Debit and credit in pounds, such as `1200.50`."""

    debit: str
    credit: str


class DifferenceView(TypedDict):
    """An account whose totals in a period differ, and how far they are apart."""

    period: str
    account: str
    description: str
    old: Sides
    new: Sides
    apart: Sides


class Totals(TypedDict):
    """The sums of all accounts in the old system and in the tenant."""

    old: Sides
    new: Sides


class LedgerResultsView(ResultsView):
    """What was done to a tenant's ledger: the `state` of it (see `cutover.order.Outcome`), and in how many seconds."""

    council: str
    instance: str
    state: str
    importedAt: str
    seconds: dict[str, float]


@final
class ImportView(LedgerResultsView):
    """A ledger that was rehearsed or imported, with its totals; `extract` is the SHA-256 of what was sent."""

    system: str
    begins: str
    asOf: str
    asked: str
    extract: str
    journals: int
    lines: int
    differences: list[DifferenceView]
    totals: Totals


@final
class UndoneView(LedgerResultsView):
    """An import that was undone, or is to be; `lost` counts by model the records that go with it."""

    lost: dict[str, int]


CutoverView = ImportView | UndoneView


def view(subject: Subject, outcome: Outcome, rows: Sequence[AccountComparison]) -> ImportView:
    """Return the view; its results are in the order of periods and accounts."""
    results = [_result(subject, row) for row in rows]
    failed_count = sum(row.differs for row in rows)
    return {
        "schemaVersion": 1,
        "council": subject.council,
        "instance": subject.instance,
        "system": subject.system,
        "begins": subject.begins.isoformat(),
        "asOf": subject.as_of.isoformat(),
        "asked": subject.action,
        "state": outcome.state,
        "extract": subject.digest,
        "journals": outcome.moves,
        "lines": outcome.lines,
        "importedAt": outcome.imported_at,
        "seconds": outcome.seconds,
        "differences": [_difference(row) for row in rows if row.differs],
        "totals": {"old": _sides([row.old for row in rows]), "new": _sides([row.new for row in rows])},
        "results": results,
        "summary": {"passed": len(results) - failed_count, "failed": failed_count, "could-not-run": 0, "skipped": 0},
    }


def undo_view(council: str, instance: str, outcome: Outcome) -> UndoneView:
    """Return the view of an undoing, or of what it would take with it."""
    return {
        "schemaVersion": 1,
        "council": council,
        "instance": instance,
        "state": outcome.state,
        "importedAt": outcome.imported_at,
        "lost": outcome.lost_records,
        "seconds": outcome.seconds,
        "results": [],
        "summary": {"passed": 0, "failed": 0, "could-not-run": 0, "skipped": 0},
    }


def _result(subject: Subject, row: AccountComparison) -> ResultView:
    detail = f"debit {row.new[0]:,}, credit {row.new[1]:,}"
    if row.differs:
        detail = f"debit {row.new[0]:,} instead of {row.old[0]:,}, credit {row.new[1]:,} instead of {row.old[1]:,}"
    return {
        "id": f"cutover.{subject.council}.{subject.instance}.{row.period}.{row.account}",
        "subject": f"{row.account} {row.description} in {row.period}".replace("  ", " "),
        "status": "failed" if row.differs else "passed",
        "detail": detail,
        "seconds": 0.0,
    }


def _difference(row: AccountComparison) -> DifferenceView:
    return {
        "period": row.period,
        "account": row.account,
        "description": row.description,
        "old": _side(row.old),
        "new": _side(row.new),
        "apart": _side((row.new[0] - row.old[0], row.new[1] - row.old[1])),
    }


def _side(amounts: tuple[Decimal, Decimal]) -> Sides:
    return {"debit": str(amounts[0]), "credit": str(amounts[1])}


def _sides(amounts: Sequence[tuple[Decimal, Decimal]]) -> Sides:
    zero = Decimal("0.00")
    return _side((sum((a[0] for a in amounts), zero), sum((a[1] for a in amounts), zero)))
