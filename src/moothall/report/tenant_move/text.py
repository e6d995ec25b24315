"""A moved tenant for people: where it is, how long it was interrupted, and what is kept where it was."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.style import Style, safe
from moothall.report.tenant_move.view import FORGOTTEN, MOVED, UNDONE, TenantMoveView


def render(view: TenantMoveView, style: Style) -> str:
    """Return the text of a view of a moved tenant."""
    return "".join(f"{line}\n" for line in _lines(view, style))


def _lines(view: TenantMoveView, style: Style) -> Iterator[str]:
    subject = f"{view['council']} in {view['instance']}"
    if view["outcome"] == FORGOTTEN:
        yield f"removed: {', '.join(map(safe, view['forgotten'])) or 'nothing, for nothing was kept'}"
        return
    if view["outcome"] == UNDONE:
        yield f"{subject} is where it was, and its users are let in"
        return
    if view["outcome"] == MOVED:
        what = f"{view['rows']} rows carried, nobody of {view['council']} could work for"
        seconds = f"{view['interruptionSeconds']:.1f} s"
        yield style.paint(f"{subject} is on the server {view['server']}: {what} {seconds}", "green")
    else:
        yield style.paint(f"{subject} is on the server {view['server']} already", "green")
    yield from (style.paint(f"  {safe(line)}", "red") for line in view["waiting"])
    if view["kept"]:
        yield f"  {view['former']} keeps {', '.join(map(safe, view['kept']))}"
        yield f"  moothall tenant move {view['council']} {view['instance']} --forget removes it"
