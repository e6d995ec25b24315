"""Offsets of what a document has places for."""

from __future__ import annotations

from moothall.edit.splice import Lines
from moothall.source import Document, Route


class Whereabouts:
    """The offsets of keys and values of one document in its text."""

    def __init__(self, text: str, document: Document) -> None:
        self.text = text
        self.lines = Lines(text)
        self._document = document

    def value(self, route: Route) -> tuple[int, int]:
        """Return start and end of a value; a block scalar ends before its last line break."""
        span = self._document.places[route].value
        start, end = self.lines.start(span), self.lines.end(span)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def key(self, route: Route) -> tuple[int, int]:
        """Return start and end of the key of a value."""
        span = self._document.places[route].key
        return self.lines.start(span), self.lines.end(span)

    def data(self, route: Route) -> object:
        """Return the data at a route; raises KeyError or IndexError where there is none."""
        found: object = self._document.data
        for step in route:
            found = found[step]  # type: ignore[index]  # a route leads through lists and mappings
        return found

    def column(self, offset: int) -> int:
        """Return how many characters of its line stand before an offset."""
        return offset - self.lines.line_start(offset)

    def insert_line(self, after: int, line: str) -> str:
        """Return the text with a line below that of the offset `after`; a last line that is open stays open."""
        at = self.lines.next_line(after)
        ended = at > 0 and self.text[at - 1] == "\n"
        chunk = line + self.lines.ending if ended else self.lines.ending + line
        return self.text[:at] + chunk + self.text[at:]
