"""The calendar for people: a line for each event, overdue ones first and marked."""

from __future__ import annotations

from moothall.report.calendar.view import CalendarView, EventView
from moothall.report.positions import text
from moothall.report.style import Style, safe


def render(view: CalendarView, style: Style) -> str:
    """Return the text of a calendar."""
    lines = [_event(event, style) for event in view["events"]]
    days = f"the {view['days']} days from {view['asOf']}"
    summary = f"{view['summary']['ahead']} in {days}, {view['summary']['overdue']} overdue"
    return "\n".join([*lines, *([""] if lines else []), summary]) + "\n"


def _event(event: EventView, style: Style) -> str:
    mark = style.paint("overdue", "red") if event["overdue"] else "due    " if event["due"] else "       "
    position = style.paint(f"({text(event['declaredAt'])})", "faint")
    return f"{event['date']}  {mark}  {event['partnership']}: {safe(event['what'])}  {position}"
