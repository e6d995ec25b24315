"""When what was drilled last, as the evidence of drills says, and which drills are due."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import Plan
from moothall.operations.evidence import FOLDER


def last_drill_dates(root: Path) -> dict[tuple[str, str, str], date]:
    """Return when each instance's failover and restore were drilled last, by partnership, instance and kind.

    A drill that could not run was none. One that missed what was agreed was one.
    """
    dates: dict[tuple[str, str, str], date] = {}
    for view in _views(root / FOLDER):
        if view["council"] is None and view["outcome"] != COULD_NOT_RUN:
            key = (view["partnership"], view["instance"], view["drill"])
            day = datetime.fromisoformat(view["began"]).date()
            dates[key] = max(day, dates.get(key, day))
    return dates


def drill_results(plan: Plan, last_dates: Mapping[tuple[str, str, str], date]) -> Iterator[CheckResult]:
    """Yield for each drill that the definitions ask for whether it was done in time, on the day of the plan."""
    for drill in plan.drills:
        last_date = last_dates.get((plan.partnership, drill.instance, drill.kind))
        days = drill.every_seconds // 86400
        is_late = last_date is None or (plan.as_of - last_date).days > days
        detail = f"last drilled on {last_date.isoformat()}" if last_date else "never drilled"
        yield CheckResult(
            f"drill.{drill.instance}.{drill.kind}",
            f"The {drill.kind} of {drill.instance} is drilled every {days} days",
            FAILED if is_late else PASSED,
            detail,
            hint=f"moothall drill {drill.kind} {drill.instance}" if is_late else "",
        )


def _views(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        try:
            view = json.loads(path.read_text(encoding="utf-8"))
            if {"drill", "partnership", "instance", "council", "began", "outcome"} <= view.keys():
                yield view
        except (OSError, ValueError, AttributeError):
            continue  # somebody else's file
