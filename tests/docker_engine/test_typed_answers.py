"""Answers of programs in containers are typed and bounded, or are none."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from moothall.docker_engine.port import as_json
from moothall.docker_engine.shape import NUMBER
from moothall.failures import Inconclusive

SHAPE = {
    "label": re.compile("[A-Z]+"),
    "size": int,
    "seconds?": (*NUMBER, type(None)),
    "names": [{"name": str}],
    "by": {str: bool},
}
GOOD: dict[str, Any] = {"label": "F", "size": 7, "names": [{"name": "a", "more": 1}], "by": {"any": True}}


@pytest.mark.parametrize("more", [{}, {"seconds": 1}, {"seconds": 1.5}, {"seconds": None}, {"else": []}])
def test_an_answer_as_it_was_asked_for(more: dict[str, Any]) -> None:
    """What may be missing is missing, and what nobody uses may be there."""
    assert as_json(json.dumps(GOOD | more), "it", SHAPE) == GOOD | more


@pytest.mark.parametrize(
    "changed",
    [
        {"label": "F\n--option"},
        {"label": ["F"]},
        {"size": "7"},
        {"size": True},
        {"size": 7.0},
        {"size": 1 << 63},
        {"seconds": "1"},
        {"seconds": float("inf")},
        {"seconds": float("nan")},
        {"names": {"name": "a"}},
        {"names": [{}]},
        {"names": [{"name": "\ud800"}]},
        {"by": {"any": 1}},
        {"by": []},
    ],
)
def test_another_answer(changed: dict[str, Any]) -> None:
    """It is refused as a whole, with the beginning of it."""
    with pytest.raises(Inconclusive, match=r"^it did not answer as expected: .{1,130}$"):
        as_json(json.dumps(GOOD | changed), "it", SHAPE)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "[]", '"F"', "9" * 5000])
def test_no_answer(text: str) -> None:
    """No JSON, or another kind of value."""
    with pytest.raises(Inconclusive, match=r"^it did not answer"):
        as_json(text, "it", SHAPE)
