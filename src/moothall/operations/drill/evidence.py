"""Evidence of drills: a dated file for each, in three forms, below `evidence/`; and when what was drilled last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moothall import private
from moothall.failures import OperationError, hint_of
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import Plan

if TYPE_CHECKING:  # whoever asks when what was drilled has no need of it
    from moothall.report.drill.view import DrillView

FOLDER = "evidence"
FORMS = {"json": "json", "junit": "xml", "markdown": "md"}
"""The formats of an answer that are kept, and how the names of their files end."""


def write(folder: Path, view: DrillView, texts: Mapping[str, str]) -> list[str]:
    """Write each text, by its format, and return the paths. Raises OperationError."""
    subject = view["council"] or view["instance"]
    stem = f"{view['began'][:19].replace(':', '')}-{view['drill']}-{view['partnership']}-{subject}"
    paths = []
    try:
        private.folder(folder)
        for format, text in texts.items():
            path = folder / f"{stem}.{FORMS[format]}"
            private.write(path, text)
            paths.append(str(path))
    except OSError as error:
        state = "The drill is done, and its copy cleared away."
        raise OperationError(
            f"{folder} cannot be written: {error.strerror}", state=state, hint=hint_of(error, folder)
        ) from error
    return paths


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
