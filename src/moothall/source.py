"""Where things stand in files: spans, documents and origins.

A `Document` is plain data with a position for every key and value beside it, so that data can be
checked by any library and every finding still names file, line and column. Model objects carry an
`Origin` (document and route of keys); a rule asks it for a `Span` only when it has something to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Route = tuple[str | int, ...]
"""Keys and list indexes from the top of a document to one value."""


class Span(NamedTuple):
    """A stretch of one file; lines and columns count from 1, columns in code points, the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Place(NamedTuple):
    """The spans of one value and of the key it stands under (the value itself in lists and at the top)."""

    key: Span
    value: Span


class Document(NamedTuple):
    """One parsed file: its path below the root, its plain data, and a place for every route in it."""

    path: str
    data: object
    places: Mapping[Route, Place]

    def place(self, route: Route) -> Place:
        """Return the place of `route`, or of its nearest parent that exists (a missing key has none)."""
        while route and route not in self.places:
            route = route[:-1]
        return self.places[route]


class Origin(NamedTuple):
    """What a model object was written as: a document and the route of the object in it."""

    document: Document
    route: Route = ()

    def value(self, *steps: str | int) -> Span:
        """Return the span of the value reached from the object by `steps`."""
        return self.document.place(self.route + steps).value

    def key(self, *steps: str | int) -> Span:
        """Return the span of the key reached from the object by `steps`."""
        return self.document.place(self.route + steps).key
