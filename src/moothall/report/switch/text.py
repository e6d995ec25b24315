"""A failover or failback for people: what was measured first, then each step and login."""

from __future__ import annotations

from moothall.report.results import text as results_text
from moothall.report.style import Style, safe
from moothall.report.switch.view import SwitchView


def render(view: SwitchView, style: Style) -> str:
    """Return the text of a switch's view."""
    if "said" in view:
        return f"{safe(view['instance'])}: {safe(view['said'])}\n"
    head = [f"{safe(view['instance'])} is served by {safe(view['site'])} since {view['since']}"]
    if view["interruptionSeconds"] is not None:
        head.append(f"nobody was served for {view['interruptionSeconds']:.1f} s at most")
    return "; ".join(head) + "\n" + results_text.render(view, style)
