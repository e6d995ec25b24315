"""Every form that an answer can take: kind of view and format, and the module that renders it.

A renderer is a module with `render(view, style) -> str`, ending in a line break. To add one, write the file and
list it here; it is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module

from moothall.failures import USAGE, OperationError
from moothall.model.outcome import Report
from moothall.report.style import Style, drawn

RENDERERS = {
    ("diagnostics", "text"): "moothall.report.diagnostics.text",
    ("diagnostics", "json"): "moothall.report.json_view",
    ("diagnostics", "sarif"): "moothall.report.diagnostics.sarif",
    ("diagnostics", "junit"): "moothall.report.diagnostics.junit",
    ("diagnostics", "github"): "moothall.report.diagnostics.github",
    ("plan", "text"): "moothall.report.plan.text",
    ("plan", "json"): "moothall.report.json_view",
    ("diagnostics", "markdown"): "moothall.report.diagnostics.markdown",
    ("diff", "text"): "moothall.report.diff.text",
    ("diff", "json"): "moothall.report.json_view",
    ("diff", "markdown"): "moothall.report.diff.markdown",
    ("affected", "text"): "moothall.report.affected.text",
    ("affected", "json"): "moothall.report.json_view",
    ("affected", "matrix"): "moothall.report.affected.matrix",
    ("graph", "text"): "moothall.report.graph.text",
    ("graph", "json"): "moothall.report.json_view",
    ("graph", "mermaid"): "moothall.report.graph.mermaid",
    ("graph", "dot"): "moothall.report.graph.dot",
    ("graph", "svg"): "moothall.report.graph.svg",
    ("changes", "text"): "moothall.report.changes.text",
    ("changes", "json"): "moothall.report.json_view",
    ("drift", "text"): "moothall.report.drift.text",
    ("drift", "json"): "moothall.report.json_view",
    ("drift", "markdown"): "moothall.report.drift.markdown",
    ("trail", "text"): "moothall.report.trail.text",
    ("trail", "json"): "moothall.report.json_view",
    ("locks", "text"): "moothall.report.locks.text",
    ("locks", "json"): "moothall.report.json_view",
    ("deployment", "text"): "moothall.report.deployment.pulumi_json",
    ("deployment", "json"): "moothall.report.deployment.pulumi_json",
    ("repair", "text"): "moothall.report.repair.text",
    ("repair", "json"): "moothall.report.json_view",
    ("versions", "text"): "moothall.report.versions.text",
    ("versions", "json"): "moothall.report.json_view",
    ("switch", "text"): "moothall.report.switch.text",
    ("switch", "json"): "moothall.report.json_view",
    ("results", "text"): "moothall.report.results.text",
    ("results", "json"): "moothall.report.json_view",
    ("results", "junit"): "moothall.report.results.junit",
    ("cutover", "text"): "moothall.report.cutover.text",
    ("cutover", "json"): "moothall.report.json_view",
    ("cutover", "markdown"): "moothall.report.cutover.markdown",
    ("cutover", "junit"): "moothall.report.results.junit",
    ("site-move", "text"): "moothall.report.site_move.text",
    ("site-move", "json"): "moothall.report.json_view",
    ("tenant-move", "text"): "moothall.report.tenant_move.text",
    ("tenant-move", "json"): "moothall.report.json_view",
    ("explanation", "text"): "moothall.report.explanation.text",
    ("explanation", "json"): "moothall.report.json_view",
    ("restoration", "text"): "moothall.report.restoration.text",
    ("restoration", "json"): "moothall.report.json_view",
    ("drill", "text"): "moothall.report.drill.text",
    ("drill", "json"): "moothall.report.json_view",
    ("drill", "junit"): "moothall.report.results.junit",
    ("drill", "markdown"): "moothall.report.drill.markdown",
    ("calendar", "text"): "moothall.report.calendar.text",
    ("calendar", "json"): "moothall.report.json_view",
    ("shares", "text"): "moothall.report.shares.text",
    ("shares", "json"): "moothall.report.json_view",
    ("edit", "text"): "moothall.report.edit.text",
    ("edit", "json"): "moothall.report.json_view",
    ("schema", "text"): "moothall.report.json_view",
    ("schema", "json"): "moothall.report.json_view",
    ("text", "text"): "moothall.report.text.text",
    ("text", "json"): "moothall.report.json_view",
    ("credentials", "text"): "moothall.report.credentials.text",
    ("credentials", "json"): "moothall.report.json_view",
}
_AS_THEY_ARE = ("text", "deployment")
"""The kinds of answers that are to be kept as they are: a page or a script of ours, and a state for Pulumi's CLI."""
FORMATS = tuple(dict.fromkeys(format for _, format in RENDERERS))


def renders(kind: str, format: str) -> bool:
    """Say whether a kind of answer has a format."""
    return (kind, format) in RENDERERS


def require(kind: str, format: str) -> None:
    """Raise OperationError (usage) for a format that a kind of answer does not have."""
    if not renders(kind, format):
        formats = " or ".join(format_name for other_kind, format_name in RENDERERS if other_kind == kind)
        raise OperationError(f"There is no {format} form of {kind}.", hint=f"use --format {formats}", exit_code=USAGE)


def render(answer: Report, format: str, style: Style) -> str:
    """Return the answer in one of `FORMATS`; raises OperationError for one that it does not have."""
    require(answer.kind, format)
    text: str = import_module(RENDERERS[answer.kind, format]).render(answer.view, style)
    return drawn(text) if format == "text" and answer.kind not in _AS_THEY_ARE else text
