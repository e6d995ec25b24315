"""What a plain scalar means in the core schema of YAML 1.2 (section 10.3.2): `no` is text and so is a date."""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_STARTS = frozenset("0123456789+-.")
_MOST_DIGITS = 18


def plain(text: str) -> Scalar:
    """Return the value of the plain scalar `text`.

    Raises ValueError for a number that cannot be held exactly everywhere: over 18 characters, infinite
    or not a number.
    """
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _STARTS else text


def _number(text: str) -> Scalar:
    integer = _INTEGER.fullmatch(text)
    if not integer and not _FLOAT.fullmatch(text):
        if _NOT_FINITE.fullmatch(text):
            raise ValueError("it is not a finite number")
        return text
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"it is longer than {_MOST_DIGITS} characters")
    if integer:
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    return _finite(float(text))


def _finite(number: float) -> float:
    if number in (float("inf"), float("-inf")):
        raise ValueError("it is too large")
    return number
