"""The view of `explain`: every value with the level and line that set it, and what it overrode."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from moothall.model.outcome import Explanation, Report, SourcedValue
from moothall.report.positions import Position, position

KIND = "explanation"


class SourcedValueView(TypedDict):
    """A JSON-able value, the level that says it, and where; a default stands in no file."""

    value: object
    level: str
    declaredAt: Position | None


class ValueView(SourcedValueView):
    """A value by its path in the file's `spec`, and what it overrode, the nearest first."""

    path: str
    overrode: list[SourcedValueView]


class ExplanationView(TypedDict):
    """The values of one council."""

    schemaVersion: int
    council: str
    values: list[ValueView]


def answer(council: str, explanations: Iterable[Explanation]) -> Report:
    """Return the explanations of one council's values."""
    view: ExplanationView = {"schemaVersion": 1, "council": council, "values": list(map(_value, explanations))}
    return Report(KIND, view)


def _value(entry: Explanation) -> ValueView:
    return {
        "path": entry.path,
        **_sourced_value(entry.effective_value),
        "overrode": [_sourced_value(value) for value in entry.overridden_values],
    }


def _sourced_value(value: SourcedValue) -> SourcedValueView:
    return {"value": value.value, "level": value.level, "declaredAt": position(value.span)}
