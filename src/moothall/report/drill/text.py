"""A drill for people: what was done, what was measured against what was agreed, and each single result."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.drill.view import DrillView, Leak
from moothall.report.results import text as results_text
from moothall.report.style import Style, safe

_OUTCOMES = {"passed": "met", "failed": "missed", "could-not-run": "could not run"}


def render(view: DrillView, style: Style) -> str:
    """Return the text of a drill view."""
    lines = [style.paint(title(view), "bold"), *(f"  {line}" for line in terms(view))]
    files = [f"  {safe(path)}" for path in view.get("evidence", ())]
    return "\n".join([*lines, *(["evidence:", *files] if files else []), ""]) + results_text.render(view, style)


def title(view: DrillView) -> str:
    """Return in one line what was drilled, where, when, and what came of it."""
    subject = f"{view['drill']} of {view['council'] or view['instance'] or view['partnership']}"
    return f"Drill: {subject}, {view['where']}, {view['began'][:16]}: {_OUTCOMES[view['outcome']]}"


def terms(view: DrillView) -> Iterator[str]:
    """Yield recovery time and point as measured, against the agreed ones; of a leak how many doors are open."""
    if "leak" in view:
        yield from _leak(view["leak"])
        return
    measures, terms = view["measured"], view["agreed"]
    for name, seconds, objective in (
        ("recovery time", measures["recoveryTimeSeconds"], terms["recoveryTimeSeconds"]),
        ("recovery point", measures["recoveryPointSeconds"], terms["recoveryPointSeconds"]),
    ):
        measurement = "could not be measured" if seconds is None else f"{seconds:.1f} s"
        yield f"{name}: {measurement}, {f'{objective} s agreed' if objective is not None else 'none agreed'}"


def _leak(leak: Leak) -> Iterator[str]:
    if leak["seconds"] is None:
        yield "not everything was exchanged"
    else:
        yield f"{leak['open']} of {leak['doors']} doors are open to what was stolen"
        yield f"everything was exchanged within {leak['seconds']:.1f} s"
