"""Every form that an answer can take: kind of view and format, and the module that renders it.

A renderer is a module with `render(view, style) -> str`, ending in a line break. To add one, write the file and
list it here; it is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module

from moothall.model.outcome import Answer
from moothall.report.style import Style

RENDERERS = {
    ("diagnostics", "text"): "moothall.report.diagnostics_text",
    ("diagnostics", "json"): "moothall.report.json_view",
}
FORMATS = tuple(dict.fromkeys(format for _, format in RENDERERS))


def render(answer: Answer, format: str, style: Style) -> str:
    """Return the answer in one of `FORMATS`."""
    text: str = import_module(RENDERERS[answer.kind, format]).render(answer.view, style)
    return text
