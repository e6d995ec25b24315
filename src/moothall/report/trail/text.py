"""The trail for people: a line for each, with what matters of it, and what is wrong with the chain."""

from __future__ import annotations

from typing import Any

from moothall import json_text
from moothall.report.style import Style, safe
from moothall.report.trail.view import LineView, TrailView

_REQUEST = ("from", "user", "method", "path", "status", "bytes", "ms")
_SESSION = ("remote_host", "user", "dbname", "error_severity", "message")


def render(view: TrailView, style: Style) -> str:
    """Return the text of a trail."""
    lines = [_line(line, style) for line in view["lines"]]
    if view["leftOut"]:
        lines.insert(0, f"{view['leftOut']} older lines are left out")
    whose = safe(view["council"] or view["partnership"])
    summary = f"{len(view['lines'])} lines of {whose} since {view['since']}"
    problems = [style.paint(f"the logs are not what they were: {safe(problem)}", "red") for problem in view["problems"]]
    return "\n".join([*lines, *([""] if lines else []), summary, *problems]) + "\n"


def _line(line: LineView, style: Style) -> str:
    head = style.paint(f"{safe(line['at'])}  {safe(line['sender'])}", "faint")
    return f"{head}  {safe(_words(line['line']))}"


def _words(said: str) -> str:
    """Return what a gateway or a server said without the names of members, whatever else was said as it is."""
    try:
        members: Any = json_text.parse(said)
    except ValueError:
        return said
    if not isinstance(members, dict):
        return said
    names = next((names for names in (_REQUEST, _SESSION) if names[-1] in members), ())
    return " ".join(str(members.get(name, "-")) or "-" for name in names) if names else said
