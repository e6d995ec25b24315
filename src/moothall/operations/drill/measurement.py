"""What a drill measured, and what was agreed for its subject, as the view of a drill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.resolved import Partnership
from moothall.operations.recovery_objectives import RecoveryMeasures, RecoveryTerms, judge
from moothall.operations.restore.subject import Subject
from moothall.report.drill.view import DrillView
from moothall.report.results.view import view as results_view


@dataclass(frozen=True)
class Measurement:
    """What a drill measured: recovery time and point in seconds (None: unknown), and the single results."""

    time: float | None
    point: float | None
    results: tuple[CheckResult, ...]


def recovery_terms(partnership: Partnership, subject: Subject) -> RecoveryTerms:
    """Return what was agreed for an instance or, of a council, for its tenant."""
    instance = partnership.instances[subject.instance]
    councils = {tenant.council for tenant in subject.tenants}
    tenants = [t for t in partnership.tenants if t.instance == subject.instance and t.council in councils]
    times = [instance.recovery_time_seconds, *(tenant.recovery_time_seconds for tenant in tenants)]
    points = [instance.recovery_point_seconds, *(tenant.recovery_point_seconds for tenant in tenants)]
    return RecoveryTerms(
        min((time for time in times if time is not None), default=None),
        min((point for point in points if point is not None), default=None),
    )


def view(
    kind: str,
    subject: Subject,
    where: str,
    terms: RecoveryTerms,
    measurement: Measurement,
    start_time: datetime,
    end_time: datetime,
) -> DrillView:
    """Return the view of a drill; its outcome is the worst of its results."""
    measures = RecoveryMeasures(measurement.time, measurement.point)
    results = [*judge(subject.instance, subject.name, terms, measures), *measurement.results]
    statuses = {result.status for result in results}
    outcome = next((status for status in (COULD_NOT_RUN, FAILED) if status in statuses), PASSED)
    results_part = results_view(results)
    return {
        "schemaVersion": 1,
        "results": results_part["results"],
        "summary": results_part["summary"],
        "drill": kind,
        "partnership": subject.plan.partnership,
        "instance": subject.instance,
        "council": subject.council,
        "where": where,
        "outcome": outcome,
        "agreed": {"recoveryTimeSeconds": terms.time, "recoveryPointSeconds": terms.point},
        "measured": {"recoveryTimeSeconds": measurement.time, "recoveryPointSeconds": measurement.point},
        "began": start_time.isoformat(timespec="seconds"),
        "ended": end_time.isoformat(timespec="seconds"),
    }
