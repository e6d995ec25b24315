"""Text that is the answer itself: a page, a script."""

from __future__ import annotations

from moothall.report.style import Style
from moothall.report.text.view import TextView


def render(view: TextView, style: Style) -> str:
    """Return the text as it is, never coloured."""
    return view["text"]
