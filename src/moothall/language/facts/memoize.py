"""A cache for facts that several rules need of the same definitions, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TypeVar

from moothall.model.written import Definitions

T = TypeVar("T")


def memoize_last(function: Callable[[Definitions], Iterable[T]]) -> Callable[[Definitions], tuple[T, ...]]:
    """Return `function` with a cache of its last result, which is reused for the identical definitions object."""
    last_definitions: Definitions | None = None
    last_result: tuple[T, ...] = ()

    @wraps(function)
    def wrapper(definitions: Definitions) -> tuple[T, ...]:
        nonlocal last_definitions, last_result
        if definitions is not last_definitions:
            last_definitions, last_result = definitions, tuple(function(definitions))
        return last_result

    return wrapper
