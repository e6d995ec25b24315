"""When something holds: from its first day, until the day before its end."""

from __future__ import annotations

from datetime import date
from typing import Protocol


class DatedEntry(Protocol):
    """A noun with `from`, `until` and `planned`."""

    @property
    def start(self) -> date | None:
        """The first day, None if it has always been."""

    @property
    def until(self) -> date | None:
        """The first day on which it is over, None if it is open."""

    @property
    def planned(self) -> bool:
        """Whether it is agreed without a date."""


def holds(day: date, start: date, until: date | None) -> bool:
    """Say whether something that runs from `start` until before `until` holds on `day`."""
    return start <= day and (until is None or day < until)


def is_in_force(entry: DatedEntry, day: date) -> bool:
    """Say whether a dated noun without anything around it holds on `day`."""
    return not entry.planned and holds(day, entry.start or date.min, entry.until)
