"""The view of findings: `{schemaVersion, diagnostics, summary}`, a fixed contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moothall.diagnostics import ERROR, SECRET, WARNING, Diagnostic, Label, has_errors
from moothall.failures import INVALID, OK
from moothall.model.outcome import Answer

KIND = "diagnostics"
LONGEST_EXCERPT = 200
"""Characters of a source line that is shown; a longer one is not shown at all."""


def answer(diagnostics: Sequence[Diagnostic], files: Mapping[str, str], waived: int = 0) -> Answer:
    """Return the findings as an answer of any verb.

    `files` is the text of every file that was read, by path; `waived` counts the warnings that files accept.
    """
    return Answer(KIND, view(diagnostics, files, waived), INVALID if has_errors(diagnostics) else OK)


def with_fixes(left: Answer, fixed: Sequence[Diagnostic], diff: str | None) -> Answer:
    """Return the answer with the findings that were corrected: `fixed`, and for a dry run the `diff` of the files."""
    made = [_diagnostic(diagnostic, {}) for diagnostic in fixed]
    return left._replace(view={**left.view, "fixed": made, **({} if diff is None else {"diff": diff})})


def view(diagnostics: Sequence[Diagnostic], files: Mapping[str, str], waived: int = 0) -> dict[str, object]:
    """Return the findings as a JSON-able dict."""
    return {
        "schemaVersion": 1,
        "diagnostics": [_diagnostic(diagnostic, files) for diagnostic in diagnostics],
        "summary": {
            "files": len(files),
            "errors": sum(diagnostic.severity == ERROR for diagnostic in diagnostics),
            "warnings": sum(diagnostic.severity == WARNING for diagnostic in diagnostics),
            "fixable": sum(diagnostic.fix is not None for diagnostic in diagnostics),
            "waived": waived,
        },
    }


def _diagnostic(diagnostic: Diagnostic, files: Mapping[str, str]) -> dict[str, object]:
    files = {} if diagnostic.private or diagnostic.rule == SECRET else files
    shown: dict[str, object] = {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
        "primary": _place(diagnostic.primary, files),
        "related": [_place(label, files) for label in diagnostic.related],
    }
    if diagnostic.fix:
        shown["fix"] = {**_place(Label(diagnostic.fix.span), {}), "text": diagnostic.fix.text}
    return shown


def _place(label: Label, files: Mapping[str, str]) -> dict[str, object]:
    span = label.span
    shown: dict[str, object] = {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "label": label.text,
    }
    excerpt = _line(files.get(span.path, ""), span.line)
    return {**shown, "excerpt": excerpt} if excerpt else shown


def _line(text: str, number: int) -> str:
    """Return a line of the text, empty if there is none or it is too long to show."""
    lines = text.split("\n", number)
    line = lines[number - 1].rstrip("\r") if number <= len(lines) else ""
    return line if len(line) <= LONGEST_EXCERPT else ""
