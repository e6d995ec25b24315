"""Findings for people: place, rule and summary on one line, then how to mend it, then the line it is about."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.diagnostics.view import DiagnosticsView, DiagnosticView, PlaceView, Summary
from moothall.report.style import Style, safe

_COLOURS = {"error": "red", "warning": "yellow"}


def render(view: DiagnosticsView, style: Style) -> str:
    """Return the text of a diagnostics view."""
    blocks = ["\n".join(lines(diagnostic, style)) for diagnostic in view["diagnostics"]]
    return "\n\n".join([*_corrections(view, style), *blocks, summary(view["summary"], style)]) + "\n"


def lines(diagnostic: DiagnosticView, style: Style) -> Iterator[str]:
    """Yield the lines of one finding."""
    severity = style.paint(f"{diagnostic['severity']}[{diagnostic['rule']}]", _COLOURS[diagnostic["severity"]])
    primary = diagnostic["primary"]
    yield f"{_position(primary)}: {severity}: {style.paint(safe(diagnostic['summary']), 'bold')}"
    yield f"  {safe(diagnostic['detail'])}"
    if "excerpt" in primary:
        yield from _excerpt(primary, style)
    for place in diagnostic["related"]:
        yield f"  {_position(place)}: {safe(place['label'])}"


def _corrections(view: DiagnosticsView, style: Style) -> Iterator[str]:
    """Yield what was corrected, or in a dry run what would be, and the diff of that."""
    word = style.paint("would fix" if "diff" in view else "fixed", "green")
    correction_lines = [
        f"{_position(diagnostic['primary'])}: {word}[{diagnostic['rule']}]: {safe(diagnostic['summary'])}"
        for diagnostic in view.get("fixed", ())
    ]
    if correction_lines:
        yield "\n".join(correction_lines)
    if view.get("diff"):
        yield "\n".join(safe(line) for line in view["diff"].splitlines())


def _position(place: PlaceView) -> str:
    return f"{safe(place['path'])}:{place['line']}:{place['column']}"


def _excerpt(place: PlaceView, style: Style) -> Iterator[str]:
    """Yield the source line and a caret below each character meant; a place of several lines ends with the first."""
    line = safe(place["excerpt"])
    number = str(place["line"])
    start = place["column"] - 1
    end = place["endColumn"] - 1 if place["endLine"] == place["line"] else len(line.rstrip())
    indent = "".join("\t" if character == "\t" else " " for character in line[:start])
    carets = style.paint("^" * max(end - start, 1), "red")
    label = f" {safe(place['label'])}" if place["label"] else ""
    yield f"  {style.paint(number + ' |', 'blue')} {line}"
    yield f"  {style.paint(' ' * len(number) + ' |', 'blue')} {indent}{carets}{label}"


def summary(counts: Summary, style: Style) -> str:
    """Return the last line: how many files were read, what is wrong with them, and what can be corrected at once."""
    files = _count(counts["files"], "file")
    waived_text = f", {_count(counts['waived'], 'warning')} waived" if counts["waived"] else ""
    if not counts["errors"] and not counts["warnings"]:
        return style.paint(f"{files}: nothing wrong{waived_text}", "green")
    fixable = f"; `moothall validate --fix` corrects {counts['fixable']}" if counts["fixable"] else ""
    return (
        f"{files}: {_count(counts['errors'], 'error')}, {_count(counts['warnings'], 'warning')}{waived_text}{fixable}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
