"""Results for people: one line each, what was found below it, the command that mends it below that."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.results.view import ResultsView, ResultView, Summary
from moothall.report.style import Style, safe

_COLOURS = {"passed": "green", "failed": "red", "could-not-run": "yellow", "skipped": "faint"}


def render(view: ResultsView, style: Style) -> str:
    """Return the text of a results view."""
    lines = [line for result in view["results"] for line in _result(result, style)]
    return "\n".join([*lines, _summary(view["summary"], style)]) + "\n"


def _result(result: ResultView, style: Style) -> Iterator[str]:
    status = style.paint(f"{result['status']:13}", _COLOURS[result["status"]])
    seconds = f"  ({result['seconds']:.1f} s)" if result["seconds"] else ""
    yield f"{status} {safe(result['subject'])}{style.paint(seconds, 'faint')}"
    yield from (f"{'':14}{style.paint(safe(part), 'faint')}" for part in result["detail"].split("; ") if part)
    if "hint" in result:
        yield f"{'':14}hint: {safe(result['hint'])}"


def _summary(summary: Summary, style: Style) -> str:
    has_problems = summary["failed"] or summary["could-not-run"]
    text = ", ".join(f"{number} {outcome.replace('-', ' ')}" for outcome, number in summary.items())
    return style.paint(text, "red" if has_problems else "green")
