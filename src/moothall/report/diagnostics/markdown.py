"""Findings as a comment on a pull request: what stands there instead of a diff of definitions that are not sound."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.comment import LONGEST, fit_parts
from moothall.report.diagnostics.view import DiagnosticsView, DiagnosticView
from moothall.report.diff.markdown import MARKER
from moothall.report.diff.words import side
from moothall.report.markdown import code, plain
from moothall.report.style import Style


def render(view: DiagnosticsView, style: Style) -> str:
    """Return the comment of a diagnostics view, under the marker of the diff's comment."""
    head = "\n".join([MARKER, *_opening(view)]) + "\n"
    return head + fit_parts([_finding(finding) for finding in view["diagnostics"]], LONGEST - len(head), "findings")


def _opening(view: DiagnosticsView) -> Iterator[str]:
    revision = view.get("revision")
    position = f" at {code(side(revision))}" if revision else ""
    yield f"### The definitions{position} are not valid, so there is nothing to compare"
    yield ""
    yield f"{view['summary']['errors']} errors, {view['summary']['warnings']} warnings"
    yield ""


def _finding(finding: DiagnosticView) -> str:
    place = finding["primary"]
    position = code(f"{place['path']}:{place['line']}:{place['column']}")
    return f"- {position} {finding['severity']} {code(finding['rule'])}: {plain(finding['summary'])}"
