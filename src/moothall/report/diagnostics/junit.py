"""Findings as JUnit XML: one failed case an error, one passed case a warning, and one for the definitions as a whole.

The form is the one that Jenkins and GitLab read (https://github.com/testmoapp/junitxml).
"""

from __future__ import annotations

from xml.etree import ElementTree

from moothall.report.diagnostics import text as diagnostics_text
from moothall.report.diagnostics.view import DiagnosticsView, DiagnosticView, Summary
from moothall.report.style import Style, safe

_PLAIN = Style(False)


def render(view: DiagnosticsView, style: Style) -> str:
    """Return the XML of a diagnostics view, never coloured."""
    errors = view["summary"]["errors"]
    tests = len(view["diagnostics"]) + 1
    suite = ElementTree.Element(
        "testsuite", name="moothall", tests=str(tests), failures=str(errors + bool(errors)), errors="0", skipped="0"
    )
    _add_definitions_case(suite, view["summary"])
    for finding in view["diagnostics"]:
        _add_case(suite, finding)
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _add_definitions_case(suite: ElementTree.Element, summary: Summary) -> None:
    """Add the case that is there with and without findings: a suite without cases counts as broken."""
    case = ElementTree.SubElement(suite, "testcase", classname="moothall", name="definitions")
    summary_text = diagnostics_text.summary(summary, _PLAIN)
    if summary["errors"]:
        ElementTree.SubElement(case, "failure", message=summary_text)
    else:
        ElementTree.SubElement(case, "system-out").text = summary_text


def _add_case(suite: ElementTree.Element, finding: DiagnosticView) -> None:
    place = finding["primary"]
    name = f"{finding['rule']} at {place['line']}:{place['column']}"
    path = safe(place["path"])
    case = ElementTree.SubElement(suite, "testcase", classname=path, name=name, file=path, line=str(place["line"]))
    text = "\n".join(diagnostics_text.lines(finding, _PLAIN))
    if finding["severity"] == "error":
        summary = safe(finding["summary"])
        ElementTree.SubElement(case, "failure", type=finding["rule"], message=summary).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = text
