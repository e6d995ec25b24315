"""A moved site for people: what came of each step, the interruptions, and how the old site is emptied."""

from __future__ import annotations

from moothall.report.results import text as results_text
from moothall.report.site_move.view import SiteMoveView
from moothall.report.style import Style, safe


def render(view: SiteMoveView, style: Style) -> str:
    """Return the text of a view of a move."""
    lines = [
        f"{safe(move['instance'])}: {move['interruptionSeconds']:.1f} s without service, from {safe(move['from'])} to "
        f"{safe(move['site'])}"
        for move in view["switches"]
    ]
    lines.append(f"What is left at the old site is data: {safe(view['emptyOldSite'])}")
    return results_text.render(view, style) + "\n".join(lines) + "\n"
