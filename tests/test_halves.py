"""Work in two processes is the work of one."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.halves import halves


@given(st.lists(st.integers() | st.text() | st.none(), max_size=9))
@settings(max_examples=20, deadline=None)
def test_two_do_what_one_does(items: list[object]) -> None:
    """The results are those of the work, in order, however the items are divided."""

    def work(some: Sequence[object]) -> list[object]:
        return [[item, {"twice": [item, item]}] for item in some]

    assert halves(work, items) == work(items)


def test_much_more_than_a_pipe_holds() -> None:
    """Neither process waits for the other for ever."""
    items = ["x" * 1000] * 4000

    assert halves(list, items) == items


@pytest.mark.parametrize("end", [lambda: os._exit(0), lambda: os._exit(3), lambda: os.kill(os.getpid(), 9)])
def test_a_child_that_comes_to_nothing(end: object) -> None:
    """What a child was to do is done here when it ends early, and when it fails."""
    parent = os.getpid()

    def work(some: Sequence[int]) -> list[int]:
        if os.getpid() != parent:
            end()  # type: ignore[operator]
        return [number + 1 for number in some]

    assert halves(work, [1, 2, 3]) == [2, 3, 4]


def test_a_fault_is_raised_once_and_here() -> None:
    """An error in the work is raised by this process, wherever its item was."""

    def work(some: Sequence[int]) -> list[int]:
        return [1 // number for number in some]

    with pytest.raises(ZeroDivisionError):
        halves(work, [1, 1, 1, 0])
