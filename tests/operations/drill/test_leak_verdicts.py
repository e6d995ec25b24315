"""What a leak's drill says of a door: only one that was let in before, and is not now, is proved shut."""

from __future__ import annotations

import pytest

from moothall.operations.drill.leak import judge
from moothall.operations.drill.leak_doors import Attempt


@pytest.mark.parametrize(
    ("before", "after", "status", "detail"),
    [
        (True, False, "passed", "let in before, refused now"),
        (True, True, "failed", "it is let in still"),
        (False, True, "failed", "it is let in still"),
        (None, True, "failed", "it is let in still"),
        (False, False, "could-not-run", "it was refused before, too"),
        (True, None, "could-not-run", "nobody answered after the exchange"),
        (None, False, "could-not-run", "nobody answered before the exchange"),
    ],
)
def test_a_door(before: bool | None, after: bool | None, status: str, detail: str) -> None:
    """Nothing that could not be seen to open counts for a door that is shut."""
    [result] = judge([Attempt("x", "a key at a door", before)], [Attempt("x", "a key at a door", after)])
    assert (result.id, result.subject, result.status, result.detail) == ("x", "a key at a door", status, detail)


def test_a_door_that_was_not_tried_afterwards() -> None:
    """Nobody knows."""
    [result] = judge([Attempt("x", "a key at a door", True)], [])
    assert result.status == "could-not-run"
