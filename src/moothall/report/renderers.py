"""Every form that an answer can take: kind of view and format, and the module that renders it.

A renderer is a module with `render(view, style) -> str`, ending in a line break. To add one, write the file and
list it here; it is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module

from moothall.failures import USAGE, Failure
from moothall.model.outcome import Answer
from moothall.report.style import Style

RENDERERS = {
    ("diagnostics", "text"): "moothall.report.diagnostics_text",
    ("diagnostics", "json"): "moothall.report.json_view",
    ("plan", "text"): "moothall.report.plan_text",
    ("plan", "json"): "moothall.report.json_view",
    ("changes", "text"): "moothall.report.changes_text",
    ("changes", "json"): "moothall.report.json_view",
    ("results", "text"): "moothall.report.results_text",
    ("results", "json"): "moothall.report.json_view",
    ("results", "junit"): "moothall.report.results_junit",
    ("credentials", "text"): "moothall.report.credentials_text",
    ("credentials", "json"): "moothall.report.json_view",
}
FORMATS = tuple(dict.fromkeys(format for _, format in RENDERERS))


def render(answer: Answer, format: str, style: Style) -> str:
    """Return the answer in one of `FORMATS`; raises Failure for a format that this kind of answer does not have."""
    if (answer.kind, format) not in RENDERERS:
        usual = " or ".join(other for kind, other in RENDERERS if kind == answer.kind)
        raise Failure(f"There is no {format} form of {answer.kind}.", mend=f"use --format {usual}", exit_code=USAGE)
    text: str = import_module(RENDERERS[answer.kind, format]).render(answer.view, style)
    return text
