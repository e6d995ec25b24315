"""The name of a stack, which is also that of its files in the state."""

from __future__ import annotations

from moothall.model.name import is_unit_name

_SHOWN_CHARACTERS = 120


def stack_name(text: str) -> str:
    """Return the stack that a word names; raises ValueError for a word that is no name, or would be a path."""
    if not all(map(is_unit_name, text.split("."))):
        raise ValueError(f"{text[:_SHOWN_CHARACTERS]!r} is not the name of a stack, like dales.alston.hill")
    return text
