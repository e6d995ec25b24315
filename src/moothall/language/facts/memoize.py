"""What several rules ask of the same definitions, one after the other, is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeVar

from moothall.model.written import Definitions

T = TypeVar("T")


def once(work: Callable[[Definitions], Iterable[T]]) -> Callable[[Definitions], tuple[T, ...]]:
    """Keep the last answer of `work` for as long as it is asked about the very same definitions."""
    asked: Definitions | None = None
    answer: tuple[T, ...] = ()

    @wraps(work)
    def answered(definitions: Definitions) -> tuple[T, ...]:
        nonlocal asked, answer
        if definitions is not asked:
            asked, answer = definitions, tuple(work(definitions))
        return answer

    return answered
