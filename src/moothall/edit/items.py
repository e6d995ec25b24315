"""Items of lists, in blocks and in brackets."""

from __future__ import annotations

from moothall.edit import brackets
from moothall.edit.places import Whereabouts
from moothall.edit.wording import Value, written
from moothall.source import Document, Route


def append_item(text: str, document: Document, route: Route, value: Value) -> str:
    """Return the text with a new last item in the list at `route`, written as its siblings are.

    Raises KeyError for a route that is not there and ValueError where there is no list.
    """
    where = Whereabouts(text, document)
    data = where.data(route)
    if not isinstance(data, list):
        raise ValueError(f"there is no list at {route}")
    whole = where.value(route)
    last = where.value((*route, len(data) - 1)) if data else None
    if text[whole[0] : whole[0] + 1] == "[":
        return brackets.add(text, whole, last[1] if last else None, written(value))
    assert last is not None  # a block list has items, and begins with the dash of the first
    dash, first = whole[0], where.value((*route, 0))[0]
    between = text[dash + 1 : first]
    blanks = between if between and not between.strip(" ") else " "
    return where.insert_line(last[1], " " * where.column(dash) + f"-{blanks}{written(value)}")
