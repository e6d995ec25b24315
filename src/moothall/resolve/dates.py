"""When something holds: from its first day, until the day before its end."""

from __future__ import annotations

from datetime import date


def holds(day: date, start: date, until: date | None) -> bool:
    """Say whether something that runs from `start` until before `until` holds on `day`."""
    return start <= day and (until is None or day < until)
