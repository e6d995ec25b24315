"""Affected stacks for people: one line for each, and below it the lines that cause it."""

from __future__ import annotations

from moothall.report.affected.view import AffectedView
from moothall.report.diff import words
from moothall.report.style import Style, safe


def render(view: AffectedView, style: Style) -> str:
    """Return the text of an affected view."""
    text_lines: list[str] = []
    for stack in view["stacks"]:
        text_lines.append(f"{style.paint(stack['stack'], 'bold')}  {stack['change']}")
        text_lines += [f"  {safe(place)} {safe(change)}" for place, change in map(words.line, stack["lines"])]
    return "\n".join(text_lines or [style.paint("No stack is affected.", "green")]) + "\n"
