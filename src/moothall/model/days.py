"""Days reckoned from days; what lies beyond the calendar is its first or last day, which stand for always and never."""

from __future__ import annotations

from datetime import date

_SECONDS = 86_400


def day_after(day: date, seconds: int) -> date:
    """Return the day as many whole days after `day` as the seconds make, the last of the calendar at most."""
    return _nearest(day.toordinal() + seconds // _SECONDS)


def day_before(day: date, seconds: int) -> date:
    """Return the day as many whole days before `day` as the seconds make, the first of the calendar at least."""
    return _nearest(day.toordinal() - seconds // _SECONDS)


def _nearest(ordinal: int) -> date:
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))
