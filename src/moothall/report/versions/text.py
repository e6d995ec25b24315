"""Old versions of states for people: stack by stack, the newest first."""

from __future__ import annotations

from moothall.report.style import Style, safe
from moothall.report.versions.view import VersionsView


def render(view: VersionsView, style: Style) -> str:
    """Return the text of a versions view."""
    lines: list[str] = []
    for stack in view["stacks"]:
        lines.append(style.paint(safe(stack["stack"]), "bold"))
        lines += [
            safe(f"  {v['number']}  {v['time']}  {v['reason'] or 'unknown'}  {v['result']}") for v in stack["versions"]
        ]
        lines += [] if stack["versions"] else ["  no version was kept"]
    return "\n".join(lines or ["No stack has a state."]) + "\n"
