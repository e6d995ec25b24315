"""Corrections that are certain, from positions alone: each leaves everything around it as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from moothall.diagnostics import Fix
from moothall.source import Document, Route, Span

_MOST_DIGITS = 18
_ENDS_IN_ZEROS = re.compile(r"[0-9]{1,15}\.0+")


def replacement_fix(span: Span, old: str, new: str | None) -> Fix | None:
    """Return the fix that writes the word `new` for `old`, in quotes where `old` is: `{"hots":1}` needs them."""
    if new is None or span.line != span.end_line:
        return None
    is_quoted = _width(span) != len(old)
    return Fix(span, f'"{new}"' if is_quoted else new)


def type_fix(span: Span, value: object, source_text: str, expected_type: str) -> tuple[object, Fix] | None:
    """Return a value, written as `source_text`, in the type `expected_type`, and its fix: quotes added or removed.

    A whole number with a point and zeros behind it is written without them. One with an exponent may be a letter
    struck beside a digit: `2e0` for 20. None where more than one text could be meant: `014` and `0x10` are numbers
    that can be written in other ways.
    """
    if span.line != span.end_line:
        return None
    if isinstance(value, str) and expected_type == "boolean" and value in ("true", "false"):
        return value == "true", Fix(span, value)
    if isinstance(value, str) and expected_type == "integer" and _is_number(value):
        return int(value), Fix(span, value)
    if isinstance(value, float) and expected_type == "integer" and _ENDS_IN_ZEROS.fullmatch(source_text):
        return int(value), Fix(span, str(int(value)))
    if type(value) is int and expected_type == "string" and _width(span) == len(str(value)):
        return str(value), Fix(span, f'"{value}"')
    return None


def _is_number(text: str) -> bool:
    """Say whether a text is a whole number, written in the one way, and of a length that every reader takes."""
    return len(text) <= _MOST_DIGITS and text.isdecimal() and str(int(text)) == text


def removal_fix(document: Document, route: Route, index: int) -> Fix | None:
    """Return the fix that takes one scalar, not the first, out of a list.

    In a block list that is the item's lines; in brackets it is from the end of the item before, on the same line.
    """
    whole, before, item = (document.place(each).value for each in (route, (*route, index - 1), (*route, index)))
    last = document.place((*route, len(_items(document, route)) - 1)).value
    if (whole.end_line, whole.end_column) == (last.end_line, last.end_column):
        return Fix(Span(item.path, item.line, 1, item.end_line + 1, 1), "")
    if before.end_line == item.end_line:
        return Fix(Span(item.path, before.end_line, before.end_column, item.end_line, item.end_column), "")
    return None


def _width(span: Span) -> int:
    return span.end_column - span.column


def _items(document: Document, route: Route) -> Sequence[object]:
    data: object = document.data
    for step in route:
        data = data[step]  # type: ignore[index]  # a route leads through lists and mappings
    assert isinstance(data, list)
    return data
