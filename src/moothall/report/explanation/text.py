"""Explanations for people: one line for a value, and below it what it overrode."""

from __future__ import annotations

import json
from collections.abc import Iterator

from moothall.report.explanation.view import ExplanationView, SourcedValueView, ValueView
from moothall.report.positions import text
from moothall.report.style import Style, safe


def render(view: ExplanationView, style: Style) -> str:
    """Return the text of an explanation."""
    lines = [line for value in view["values"] for line in _value(view["council"], value, style)]
    return "\n".join(lines) + "\n"


def _value(council: str, value: ValueView, style: Style) -> Iterator[str]:
    path = style.paint(f"{council}.{value['path']}", "bold")
    yield f"{path} = {_plain(value['value'])}  {_origin(value, style)}"
    for overridden in value["overrode"]:
        yield f"  instead of {_plain(overridden['value'])}  {_origin(overridden, style)}"


def _plain(value: object) -> str:
    return safe(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _origin(value: SourcedValueView, style: Style) -> str:
    position = text(value["declaredAt"])
    return style.paint(f"({value['level']}{', ' if position else ''}{position})", "faint")
