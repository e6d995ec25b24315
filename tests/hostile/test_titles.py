"""Whatever people write where words are theirs, each verb that reads definitions shows it as words, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.front_door import Type
from tests.hostile.strings import STRINGS
from tests.hostile.titled import ALLOWED, REFUSED, define

from moothall.failures import INVALID, OK

SOUND = (
    ["validate"],
    ["plan"],
    ["explain", "alston"],
    ["calendar", "--days", "900"],
    ["shares"],
    ["graph"],
    ["migrate", "--check"],
    ["completion", "--names", "council", "--names", "instance"],
)
"""What needs no git, no state and no engine."""


def test_there_are_enough_strings() -> None:
    """Of those that may be titles and of those that may not."""
    assert len(ALLOWED) > 40
    assert len(REFUSED) > 25


@pytest.mark.parametrize("name", ALLOWED)
def test_words_that_people_may_write(tmp_path: Path, name: str, type_: Type) -> None:
    """They are valid, and harmless wherever they are shown; the instance is failed over, which has words, too."""
    root = define(tmp_path, STRINGS[name], active=True)

    for words in SOUND:
        assert type_(root, *words).code == OK


@pytest.mark.parametrize("name", REFUSED)
def test_words_that_are_refused(tmp_path: Path, name: str, type_: Type) -> None:
    """The findings show them without harm."""
    root = define(tmp_path, STRINGS[name], active=True)

    for words in SOUND[:4]:
        assert type_(root, *words).code == INVALID
