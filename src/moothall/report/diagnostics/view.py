"""The view of findings: `{schemaVersion, diagnostics, summary}`, a fixed contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NotRequired, TypedDict

from moothall.diagnostics import ERROR, SECRET, WARNING, Diagnostic, Label, has_errors
from moothall.failures import INVALID, OK
from moothall.model.outcome import Report

if TYPE_CHECKING:
    from moothall.report.diff.view import Revision

KIND = "diagnostics"
LONGEST_EXCERPT = 200
"""Characters of a source line that is shown; a longer one is not shown at all."""


class PlaceView(TypedDict):
    """A place in a file; lines and columns count from 1, and the end is exclusive.

    `excerpt` is the line at the place, where it may be shown and is not too long.
    """

    path: str
    line: int
    column: int
    endLine: int
    endColumn: int
    label: str
    excerpt: NotRequired[str]


class FixView(PlaceView):
    """The text that belongs at the place instead of what is there."""

    text: str


class DiagnosticView(TypedDict):
    """One finding, with its fix where it can be corrected at once."""

    rule: str
    severity: str
    summary: str
    detail: str
    primary: PlaceView
    related: list[PlaceView]
    fix: NotRequired[FixView]


class Summary(TypedDict):
    """How many files were read, and how many findings there are of each kind; `waived` are not among them."""

    files: int
    errors: int
    warnings: int
    fixable: int
    waived: int


class DiagnosticsView(TypedDict):
    """Findings.

    `fixed` and, for a dry run, `diff` say what was corrected where that was asked for; `revision` is the one that was
    read, where two are compared.
    """

    schemaVersion: int
    diagnostics: list[DiagnosticView]
    summary: Summary
    fixed: NotRequired[list[DiagnosticView]]
    diff: NotRequired[str]
    revision: NotRequired[Revision]


def answer(
    diagnostics: Sequence[Diagnostic],
    files: Mapping[str, str],
    waived_count: int = 0,
    *,
    revision: Revision | None = None,
) -> Report:
    """Return the findings as an answer of any verb.

    `files` is the text of every file that was read, by path; `waived_count` counts the warnings that files accept.
    """
    diagnostics_view = view(diagnostics, files, waived_count)
    if revision is not None:
        diagnostics_view["revision"] = revision
    return Report(KIND, diagnostics_view, _exit_code(diagnostics))


def corrections_answer(
    remaining_diagnostics: Sequence[Diagnostic],
    files: Mapping[str, str],
    waived_count: int,
    fixed_diagnostics: Sequence[Diagnostic],
    diff: str | None,
) -> Report:
    """Return the remaining findings, those that were corrected, and for a dry run the unified diff of the files."""
    diagnostics_view = view(remaining_diagnostics, files, waived_count)
    diagnostics_view["fixed"] = [_diagnostic(diagnostic, {}) for diagnostic in fixed_diagnostics]
    if diff is not None:
        diagnostics_view["diff"] = diff
    return Report(KIND, diagnostics_view, _exit_code(remaining_diagnostics))


def view(diagnostics: Sequence[Diagnostic], files: Mapping[str, str], waived_count: int = 0) -> DiagnosticsView:
    """Return the findings as JSON-able data."""
    return {
        "schemaVersion": 1,
        "diagnostics": [_diagnostic(diagnostic, files) for diagnostic in diagnostics],
        "summary": {
            "files": len(files),
            "errors": sum(diagnostic.severity == ERROR for diagnostic in diagnostics),
            "warnings": sum(diagnostic.severity == WARNING for diagnostic in diagnostics),
            "fixable": sum(diagnostic.fix is not None for diagnostic in diagnostics),
            "waived": waived_count,
        },
    }


def _exit_code(diagnostics: Sequence[Diagnostic]) -> int:
    return INVALID if has_errors(diagnostics) else OK


def _diagnostic(diagnostic: Diagnostic, files: Mapping[str, str]) -> DiagnosticView:
    files = {} if diagnostic.private or diagnostic.rule == SECRET else files
    diagnostic_view: DiagnosticView = {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
        "primary": _place(diagnostic.primary, files),
        "related": [_place(label, files) for label in diagnostic.related],
    }
    if diagnostic.fix:
        diagnostic_view["fix"] = {**_place(Label(diagnostic.fix.span), {}), "text": diagnostic.fix.text}
    return diagnostic_view


def _place(label: Label, files: Mapping[str, str]) -> PlaceView:
    span = label.span
    place_view: PlaceView = {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "label": label.text,
    }
    if excerpt := _line(files.get(span.path, ""), span.line):
        place_view["excerpt"] = excerpt
    return place_view


def _line(text: str, number: int) -> str:
    """Return a line of the text, empty if there is none or it is too long to show."""
    lines = text.split("\n", number)
    line = lines[number - 1].rstrip("\r") if number <= len(lines) else ""
    return line if len(line) <= LONGEST_EXCERPT else ""
