"""Findings as workflow commands of GitHub Actions, which it shows beside the lines of a pull request.

The form and its escapes are those of https://docs.github.com/actions/reference/workflow-commands-for-github-actions
and of `escapeData` and `escapeProperty` in actions/toolkit. Columns are taken only when a finding is on one line.
"""

from __future__ import annotations

from moothall.report.diagnostics.text import summary
from moothall.report.diagnostics.view import DiagnosticsView, DiagnosticView
from moothall.report.style import Style, safe

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(view: DiagnosticsView, style: Style) -> str:
    """Return one command a finding and the summary, never coloured."""
    lines = [_command(finding) for finding in view["diagnostics"]]
    return "\n".join([*lines, summary(view["summary"], Style(False))]) + "\n"


def _command(finding: DiagnosticView) -> str:
    place = finding["primary"]
    properties = {"file": safe(place["path"]), "line": place["line"], "endLine": place["endLine"]}
    if place["line"] == place["endLine"]:
        properties |= {"col": place["column"], "endColumn": place["endColumn"]}
    properties["title"] = f"{finding['rule']}: {safe(finding['summary'])}"
    property_text = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{finding['severity']} {property_text}::{_message(finding).translate(_DATA)}"


def _message(finding: DiagnosticView) -> str:
    """Return the detail and the related places, one a line."""
    related = [
        f"{safe(place['path'])}:{place['line']}:{place['column']}: {safe(place['label'])}"
        for place in finding["related"]
    ]
    return "\n".join([safe(finding["detail"]), *related])
