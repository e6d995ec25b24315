"""Results as JUnit XML, which CI systems show: failed is a failure, could-not-run an error.

The form is the one that Jenkins and GitLab read (https://github.com/testmoapp/junitxml).
"""

from __future__ import annotations

from xml.etree import ElementTree

from moothall.report.results.view import ResultsView, ResultView
from moothall.report.style import Style, safe

_TAGS = {"failed": "failure", "could-not-run": "error", "skipped": "skipped"}


def render(view: ResultsView, style: Style) -> str:
    """Return the XML of a results view, never coloured."""
    summary = view["summary"]
    suite = ElementTree.Element(
        "testsuite",
        name="moothall",
        tests=str(len(view["results"])),
        failures=str(summary["failed"]),
        errors=str(summary["could-not-run"]),
        skipped=str(summary["skipped"]),
        time=f"{sum(result['seconds'] for result in view['results']):.3f}",
    )
    for result in view["results"]:
        _case(suite, result)
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, result: ResultView) -> None:
    """Add one test case; a result that did not pass says why."""
    name = safe(result["id"])
    group = name.partition(".")[0]
    case = ElementTree.SubElement(
        suite, "testcase", classname=f"moothall.{group}", name=name, time=f"{result['seconds']:.3f}"
    )
    detail = safe(result["detail"])
    if result["status"] in _TAGS:
        ElementTree.SubElement(case, _TAGS[result["status"]], message=detail).text = safe(result["subject"])
    else:
        ElementTree.SubElement(case, "system-out").text = f"{safe(result['subject'])}: {detail}"
