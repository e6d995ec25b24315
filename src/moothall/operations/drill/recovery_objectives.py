"""What was agreed about recovery, and what was measured, as results and as the view of a drill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.resolved import Partnership
from moothall.operations.restore.subject import Subject
from moothall.report.drill.view import DrillView
from moothall.report.results.view import view as results_view


@dataclass(frozen=True)
class Agreed:
    """The shortest recovery time and point, in seconds, that the instance or a tenant has; None without one."""

    time: int | None
    point: int | None


@dataclass(frozen=True)
class Measured:
    """What a drill measured: recovery time and point in seconds (None: cannot be told), and the single results."""

    time: float | None
    point: float | None
    results: tuple[CheckResult, ...]


def agreed(partnership: Partnership, subject: Subject) -> Agreed:
    """Return what was agreed for an instance or, of a council, for its tenant."""
    instance = partnership.instances[subject.instance]
    councils = {tenant.council for tenant in subject.tenants}
    tenants = [t for t in partnership.tenants if t.instance == subject.instance and t.council in councils]
    times = [instance.recovery_time_seconds, *(tenant.recovery_time_seconds for tenant in tenants)]
    points = [instance.recovery_point_seconds, *(tenant.recovery_point_seconds for tenant in tenants)]
    return Agreed(
        min((time for time in times if time is not None), default=None),
        min((point for point in points if point is not None), default=None),
    )


def view(
    kind: str, subject: Subject, where: str, terms: Agreed, measured: Measured, began: datetime, ended: datetime
) -> DrillView:
    """Return what a drill came to; its outcome is the worst of its results."""
    results = [*_held(subject, terms, measured), *measured.results]
    found = {result.status for result in results}
    outcome = next((status for status in (COULD_NOT_RUN, FAILED) if status in found), PASSED)
    shown = results_view(results)
    return {
        "schemaVersion": 1,
        "results": shown["results"],
        "summary": shown["summary"],
        "drill": kind,
        "partnership": subject.plan.partnership,
        "instance": subject.instance,
        "council": subject.council,
        "where": where,
        "outcome": outcome,
        "agreed": {"recoveryTimeSeconds": terms.time, "recoveryPointSeconds": terms.point},
        "measured": {"recoveryTimeSeconds": measured.time, "recoveryPointSeconds": measured.point},
        "began": began.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
    }


def _held(subject: Subject, terms: Agreed, measured: Measured) -> Iterator[CheckResult]:
    """Yield for each agreed term whether it was held."""
    pairs = (("time", terms.time, measured.time), ("point", terms.point, measured.point))
    for name, wanted, took in pairs:
        if wanted is None:
            continue
        id, title = f"recovery-{name}.{subject.instance}", f"{subject.name} keeps its agreed recovery {name}"
        if took is None:
            yield CheckResult(id, title, COULD_NOT_RUN, f"{wanted} s were agreed; what it was cannot be told")
        else:
            yield CheckResult(id, title, PASSED if took <= wanted else FAILED, f"{took:.1f} s, {wanted} s were agreed")
