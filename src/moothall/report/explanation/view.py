"""The view of `explain`: every value with the level and line that set it, and what it overrode."""

from __future__ import annotations

from collections.abc import Iterable

from moothall.model.outcome import Answer, Explanation, Said
from moothall.report.positions import position

KIND = "explanation"


def answer(council: str, explanations: Iterable[Explanation]) -> Answer:
    """Return the explanations of one council's values."""
    values = [
        {"path": entry.path, **_said(entry.said), "overrode": [_said(said) for said in entry.overrode]}
        for entry in explanations
    ]
    return Answer(KIND, {"schemaVersion": 1, "council": council, "values": values})


def _said(said: Said) -> dict[str, object]:
    return {"value": said.value, "level": said.level, "because": position(said.span)}
