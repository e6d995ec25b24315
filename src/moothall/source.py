"""Where things stand in files: spans, documents and origins.

A `Document` is plain data with a position for every key and value beside it, so that data can be
checked by any library and every finding still names file, line and column. Model objects carry an
`Origin` (document and route of keys), which gives a `Span` for whatever a finding is about. A span of an origin
is worked out when it is first looked at: of ten thousand files, those with nothing wrong are never asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Route = tuple[str | int, ...]
"""Keys and list indexes from the top of a document to one value."""

Numbers = tuple[str, int, int, int, int]
"""Path, line, column, end line and end column."""


class Span:
    """A stretch of one file; lines and columns count from 1, columns in code points, the end is exclusive.

    Equal spans are equal in their numbers, and spans are in order of path, line and column.
    """

    __slots__ = ("_numbers", "_origin")

    def __init__(self, path: str, line: int, column: int, end_line: int, end_column: int) -> None:
        self._numbers: Numbers | None = (path, line, column, end_line, end_column)
        self._origin: tuple[Document, Route, bool] | None = None

    @classmethod
    def lazy(cls, document: Document, route: Route, *, of_key: bool) -> Span:
        """Return the span of the value at a route of a document, or of its key; worked out when it is looked at."""
        span = cls.__new__(cls)
        span._numbers = None
        span._origin = (document, route, of_key)
        return span

    @property
    def numbers(self) -> Numbers:
        """Return everything that makes the span what it is."""
        if self._numbers is None:
            assert self._origin
            document, route, of_key = self._origin
            place = document.place(route)
            self._numbers = (place.key if of_key else place.value).numbers
            self._origin = None
        return self._numbers

    @property
    def path(self) -> str:
        """Return the path of the file below the root."""
        return self._origin[0].path if self._origin else self.numbers[0]

    @property
    def line(self) -> int:
        """Return the first line."""
        return self.numbers[1]

    @property
    def column(self) -> int:
        """Return the first column."""
        return self.numbers[2]

    @property
    def end_line(self) -> int:
        """Return the line of the end."""
        return self.numbers[3]

    @property
    def end_column(self) -> int:
        """Return the column of the end, which is the first that does not belong to the span."""
        return self.numbers[4]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and self.numbers == other.numbers

    def __lt__(self, other: Span) -> bool:
        return self.numbers < other.numbers

    def __hash__(self) -> int:
        return hash(self.numbers)

    def __repr__(self) -> str:
        return f"Span{self.numbers}"


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

    def source_text(self, span: Span) -> str:
        """Return the characters at a span of one line, nothing where the text is not at hand."""
        text: str = getattr(self.places, "text", "")
        lines = text.split("\n")[span.line - 1 : span.line]
        return lines[0][span.column - 1 : span.end_column - 1] if lines else ""


class Origin(NamedTuple):
    """What a model object was written as: a document and the route of the object in it."""

    document: Document
    route: Route = ()

    def value(self, *steps: str | int) -> Span:
        """Return the span of the value reached from the object by `steps`."""
        return Span.lazy(self.document, self.route + steps, of_key=False)

    def key(self, *steps: str | int) -> Span:
        """Return the span of the key reached from the object by `steps`."""
        return Span.lazy(self.document, self.route + steps, of_key=True)
