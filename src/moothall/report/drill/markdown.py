"""A drill as one readable page, for those who were promised that it works."""

from __future__ import annotations

from moothall.report.drill.text import terms, title
from moothall.report.drill.view import DrillView
from moothall.report.markdown import plain
from moothall.report.style import Style


def render(view: DrillView, style: Style) -> str:
    """Return the page."""
    rows = [
        f"| {result['status']} | {plain(result['subject'])} | {plain(result['detail'])} | {result['seconds']:.1f} |"
        for result in view["results"]
    ]
    instance = f", instance {plain(view['instance'])}" if view["instance"] else ""
    head = [
        f"# {plain(title(view))}",
        "",
        f"Partnership {plain(view['partnership'])}{instance}.",
        "",
    ]
    table = ["", "| outcome | what | found | s |", "|---|---|---|---|", *rows]
    times_line = ["", f"Began {view['began']}, ended {view['ended']}."]
    return "\n".join([*head, *(f"- {plain(line)}" for line in terms(view)), *table, *times_line]) + "\n"
