"""Text that is the answer itself: a page, a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moothall.report.style import Style


def render(view: Mapping[str, Any], style: Style) -> str:
    """Return the text as it is, never coloured."""
    text: str = view["text"]
    return text
