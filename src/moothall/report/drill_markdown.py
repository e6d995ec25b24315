"""A drill as one readable page, for those who were promised that it works."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moothall.report.drill_text import terms, title
from moothall.report.style import Style, safe


def render(view: Mapping[str, Any], style: Style) -> str:
    """Return the page."""
    rows = [
        f"| {result['status']} | {_cell(result['subject'])} | {_cell(result['detail'])} | {result['seconds']:.1f} |"
        for result in view["results"]
    ]
    head = [f"# {title(view)}", "", f"Partnership {view['partnership']}, instance {view['instance']}.", ""]
    table = ["", "| outcome | what | found | s |", "|---|---|---|---|", *rows]
    ended = ["", f"Began {view['began']}, ended {view['ended']}."]
    return "\n".join([*head, *(f"- {line}" for line in terms(view)), *table, *ended]) + "\n"


def _cell(text: str) -> str:
    return safe(text).replace("|", "\\|")
