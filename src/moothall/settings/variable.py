"""Variables of the environment: each is checked like the option that says the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from moothall.environment import full_environment
from moothall.failures import USAGE, OperationError

T = TypeVar("T")


def variable(name: str, parse: Callable[[str], T]) -> T | None:
    """Return what a variable says, as `parse` reads it; None when it is empty or not set.

    Raises OperationError (usage), with the name and what would be right, where `parse` raises ValueError.
    """
    text = full_environment().get(name)
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise OperationError(
            f"{name}: {error}", state="Nothing was touched.", hint=f"unset {name}", exit_code=USAGE
        ) from error
