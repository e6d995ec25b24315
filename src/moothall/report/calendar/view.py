"""The view of `calendar`: what is overdue, and what changes or is due in the days to come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from moothall.model.outcome import Answer, Event
from moothall.report.positions import position

KIND = "calendar"


def answer(as_of: date, days: int, events: Iterable[tuple[str, Event]]) -> Answer:
    """Return the events, each with the name of its partnership; those before `as_of` are overdue."""
    shown = [_event(partnership, event, as_of) for partnership, event in events]
    summary = {"overdue": sum(bool(event["overdue"]) for event in shown), "ahead": 0}
    summary["ahead"] = len(shown) - summary["overdue"]
    view = {"schemaVersion": 1, "asOf": as_of.isoformat(), "days": days, "events": shown, "summary": summary}
    return Answer(KIND, view)


def _event(partnership: str, event: Event, as_of: date) -> dict[str, object]:
    return {
        "date": event.day.isoformat(),
        "partnership": partnership,
        "council": event.council,
        "what": event.what,
        "due": event.due,
        "overdue": event.due and event.day < as_of,
        "because": position(event.because),
    }
