"""Variables of the environment that verbs read: each is checked like the option that says the same."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TypeVar

from moothall.failures import USAGE, Failure

T = TypeVar("T")


def variable(name: str, parse: Callable[[str], T]) -> T | None:
    """Return what a variable says, None when it is empty or not set; `parse` is the `type` of an option.

    Raises Failure (usage), with the name, the text and what would be right, for anything else.
    """
    text = os.environ.get(name)
    if not text:
        return None
    try:
        return parse(text)
    except argparse.ArgumentTypeError as error:
        raise Failure(f"{name}: {error}", left="Nothing was touched.", mend=f"unset {name}", exit_code=USAGE) from error
