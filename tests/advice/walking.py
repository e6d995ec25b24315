"""What a case is: how the world is spoilt, where the failure is made that is told then, and what is advised in turn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.advice.taking import Operator
from tests.fakes.provided import Machine

from moothall import cli
from moothall.failures import OperationError

SOURCE = Path(cli.__file__).parent


NO_FAILURE = ""
"""The place of what is told in an answer, and no failure."""


class Case(NamedTuple):
    """`place` is `file:function` of the failure, `steps` the verbs or programs advised, `words` what is typed then."""

    spoil: Callable[[Operator, Machine], object]
    place: str
    steps: list[str]
    words: tuple[str, ...] = ()


def walk(at: Operator, machine: Machine, case: Case, *words: str) -> None:
    """Spoil the world, type the verb, take each advice until it is done, and hold the way against the case's."""
    case.spoil(at, machine)
    with recorded() as places:
        taken = at.led(*words, *case.words)
    assert [step(advice) for advice in taken] == case.steps, taken
    assert case.place in (*places, NO_FAILURE), places


def step(advice: str) -> str:
    """Return what is advised: a verb of moothall, another program, or the first word of what is to be done."""
    words = advice.split()
    return words[1] if words[0] == "moothall" else words[0]


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Yield the places, `file:function`, at which failures are made from now on."""
    places: list[str] = []
    genuine = OperationError.__init__

    def noting(self: OperationError, *given: object, **how: object) -> None:
        genuine(self, *given, **how)  # type: ignore[arg-type]
        frame = sys._getframe(1)
        while frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is self:
            assert frame.f_back
            frame = frame.f_back
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(SOURCE):  # and not one that a part of the world in memory has made
            places.append(f"{file.relative_to(SOURCE)}:{frame.f_code.co_name}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OperationError, "__init__", noting)
        yield places
