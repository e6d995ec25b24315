"""When what was drilled last, as the evidence of drills says, and which drills are due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from types import NoneType
from typing import Any

from moothall import json_text
from moothall.docker_engine.shape import require_shape
from moothall.failures import Inconclusive
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import Plan
from moothall.operations.evidence import FOLDER

_EVIDENCE = {
    "drill": str,
    "partnership": str,
    "instance": (str, NoneType),
    "council": (str, NoneType),
    "began": str,
    "outcome": str,
}
"""What is used of the evidence of a drill; the folder stands among the definitions, and anybody may have written it."""


def last_drill_dates(root: Path) -> dict[tuple[str, str, str], date]:
    """Return when each instance's failover and restore were drilled last, by partnership, instance and kind.

    A drill that could not run was none. One that missed what was agreed was one.
    """
    dates: dict[tuple[str, str, str], date] = {}
    for view in _views(root / FOLDER):
        if view["council"] is None and view["outcome"] != COULD_NOT_RUN:
            key = (view["partnership"], view["instance"], view["drill"])
            day = view["began"]
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
    """Yield the evidence in a folder, `began` as a date."""
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValueError, Inconclusive):  # somebody else's file
            view = require_shape(json_text.parse(path.read_text(encoding="utf-8")), _EVIDENCE, path.name)
            yield {**view, "began": datetime.fromisoformat(view["began"]).date()}
