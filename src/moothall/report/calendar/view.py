"""The view of `calendar`: what is overdue, and what changes or is due in the days to come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypedDict

from moothall.model.outcome import Event, Report
from moothall.report.positions import Position, position

KIND = "calendar"


class EventView(TypedDict):
    """Something that falls on a day (ISO 8601); `due` is something to be done by it, `overdue` was not done."""

    date: str
    partnership: str
    council: str | None
    what: str
    due: bool
    overdue: bool
    declaredAt: Position | None


class Summary(TypedDict):
    """How many events are overdue, and how many are to come."""

    overdue: int
    ahead: int


class CalendarView(TypedDict):
    """The events of the `days` from `asOf` (ISO 8601), and before them what is overdue."""

    schemaVersion: int
    asOf: str
    days: int
    events: list[EventView]
    summary: Summary


def answer(as_of: date, days: int, events: Iterable[tuple[str, Event]]) -> Report:
    """Return the events, each with the name of its partnership; those before `as_of` are overdue."""
    event_views = [_event(partnership, event, as_of) for partnership, event in events]
    overdue = sum(event["overdue"] for event in event_views)
    view: CalendarView = {
        "schemaVersion": 1,
        "asOf": as_of.isoformat(),
        "days": days,
        "events": event_views,
        "summary": {"overdue": overdue, "ahead": len(event_views) - overdue},
    }
    return Report(KIND, view)


def _event(partnership: str, event: Event, as_of: date) -> EventView:
    return {
        "date": event.day.isoformat(),
        "partnership": partnership,
        "council": event.council,
        "what": event.description,
        "due": event.due,
        "overdue": event.due and event.day < as_of,
        "declaredAt": position(event.declared_at),
    }
