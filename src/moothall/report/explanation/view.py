"""The view of `explain`: every value with the level and line that set it, and what it overrode."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from moothall.model.outcome import Explanation, Report, Said
from moothall.report.positions import Position, position

KIND = "explanation"


class SaidView(TypedDict):
    """A JSON-able value, the level that says it, and where; a default stands in no file."""

    value: object
    level: str
    declaredAt: Position | None


class ValueView(SaidView):
    """A value by its path in the file's `spec`, and what it overrode, the nearest first."""

    path: str
    overrode: list[SaidView]


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
    return {"path": entry.path, **_said(entry.said), "overrode": [_said(said) for said in entry.overrode]}


def _said(said: Said) -> SaidView:
    return {"value": said.value, "level": said.level, "declaredAt": position(said.span)}
