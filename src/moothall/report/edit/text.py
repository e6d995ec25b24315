"""A change of files for people: the diff, the findings in it, and whether it was written."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.diagnostics import text as diagnostics_text
from moothall.report.edit.view import EditView
from moothall.report.style import Style, safe

_COLOURS = {"+": "green", "-": "red", "@": "blue"}


def render(view: EditView, style: Style) -> str:
    """Return the text of an edit view."""
    blocks = ["\n".join(diff_lines(view["diff"], style))] if view["diff"] else []
    blocks += ["\n".join(diagnostics_text.lines(diagnostic, style)) for diagnostic in view["diagnostics"]]
    return "\n\n".join([*blocks, _last_line(view)]) + "\n"


def diff_lines(diff: str, style: Style) -> Iterator[str]:
    """Yield the lines of a unified diff, coloured by what they do."""
    for line in diff.splitlines():
        colour = _COLOURS.get(line[:1])
        yield style.paint(safe(line), colour) if colour else safe(line)


def _last_line(view: EditView) -> str:
    if not view["files"]:
        return "nothing to change"
    return f"{'written' if view['written'] else 'not written'}: {safe(', '.join(view['files']))}"
