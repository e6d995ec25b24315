"""Which tests share a process: a group that names no file any more shares nothing, and nobody sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import LONG, TOGETHER, group

TESTS = Path(__file__).parent
PLACES = [(name, place) for name, places in TOGETHER.items() for place in places]


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_every_place_of_a_group_has_tests(name: str, place: str) -> None:
    """A place is a folder or the beginning of a file's name; an earlier group may have taken some of its files."""
    there = [file.relative_to(TESTS) for file in TESTS.rglob("test_*.py")]
    own = [file for file in there if str(file).startswith(place)]

    assert name in {group(f"tests/{file}::test") for file in own}


@pytest.mark.parametrize("name", LONG)
def test_every_long_group_is_one(name: str) -> None:
    """It has a name in the table, or it is a file."""
    assert name in TOGETHER or (TESTS / f"{name}.py").exists()
