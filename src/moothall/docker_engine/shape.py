"""Answers of programs in containers, typed: what is not as it was asked for is refused, and nothing of it is used.

What runs in a container may be anything by now, and its words become arguments, names, paths and numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from re import Pattern
from typing import Any

from moothall.failures import Inconclusive

OPTIONAL = "?"
"""At the end of a member's name: it may be missing."""
NUMBER = (int, float)
_LARGEST = 1 << 63
_SHOWN_CHARACTERS = 120


def require_shape(value: Any, shape: Any, what: str) -> Any:
    """Return a JSON value that has a shape; raises `Inconclusive`, naming `what` gave it, for any other.

    A shape is a type, a regular expression for a whole text, several shapes of which one has to fit (a tuple), the
    shape of each item (a list of one), of each value (`{str: shape}`), or of the members that an object has at least.
    A boolean is no number, a number is finite and has 64 bits, and a text is one that a file can hold.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
        fits = _fits(value, shape)
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise Inconclusive(f"{what} did not answer as expected: {str(value)[:_SHOWN_CHARACTERS]!r}")
    return value


def _fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, tuple):
        return any(_fits(value, each) for each in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(item, shape[0]) for item in value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and _members_fit(value, shape)
    if isinstance(shape, Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    return type(value) is shape and not (isinstance(value, int | float) and not _is_bounded(value))


def _members_fit(value: Mapping[str, Any], shape: Mapping[Any, Any]) -> bool:
    if str in shape:
        return all(_fits(member, shape[str]) for member in value.values())
    return all(_member_fits(value, name, member_shape) for name, member_shape in shape.items())


def _member_fits(value: Mapping[str, Any], name: str, shape: Any) -> bool:
    member = name.removesuffix(OPTIONAL)
    return _fits(value[member], shape) if member in value else name.endswith(OPTIONAL)


def _is_bounded(number: float) -> bool:
    return isfinite(number) and -_LARGEST <= number < _LARGEST
