"""A repair for people: what is wrong with the state, what it could be restored from, and what was done."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.repair.view import RepairView
from moothall.report.style import Style, safe


def render(view: RepairView, style: Style) -> str:
    """Return the text of a repair view."""
    return "\n".join(_lines(view, style)) + "\n"


def _lines(view: RepairView, style: Style) -> Iterator[str]:
    state = view["state"]
    if not state["wrong"]:
        yield style.paint(
            f"The state of {safe(view['stack'])} is sound; it has {state['resources']} resources.", "green"
        )
        return
    yield style.paint(f"The state of {safe(view['stack'])} cannot be used: {safe(state['wrong'])}.", "red")
    for version in view["versions"]:
        version_status = safe(version["wrong"]) if version["wrong"] else f"sound, {version['resources']} resources"
        yield f"  {version['what']}  {safe(version['time'])}  {version_status}"
    if view["restored"]:
        yield style.paint(f"{view['restored']} was restored. See what it means with: moothall preview", "green")
        if view["aside"]:
            yield f"What was there is kept at {safe(view['aside'])}."
