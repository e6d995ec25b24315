"""Offsets of what a document has places for."""

from __future__ import annotations

import re

from moothall.language.edit.splice import Lines
from moothall.source import Document, Route, Span


class Offsets:
    """The offsets of keys and values of one document in its text."""

    def __init__(self, text: str, document: Document) -> None:
        self.text = text
        self.lines = Lines(text)
        self._document = document

    def value(self, route: Route) -> tuple[int, int]:
        """Return start and end of a value; a block scalar ends before its last line break.

        One that is not even begun by a colon is an empty one right behind its key.
        """
        start, end = self._offsets(self._document.places[route].value)
        if self.has_colon(route):
            return start, end
        _, key_end = self.key(route)
        return key_end, key_end

    def has_colon(self, route: Route) -> bool:
        """Say whether a colon begins the value of a key: `? key` alone has none, neither has `a` in `{a, b}`."""
        if not route or isinstance(route[-1], int):
            return True
        _, end = self.key(route)
        start, stop = self._offsets(self._document.places[route].value)
        return start < stop or ":" in self._without_comments(end, start)

    def key(self, route: Route) -> tuple[int, int]:
        """Return start and end of the key of a value."""
        return self._offsets(self._document.places[route].key)

    def entry(self, route: Route) -> int:
        """Return where a key and its value begin: at the `?` of an explicit key, else at the key."""
        *parent, key = route
        keys = list(self.data(tuple(parent)))  # type: ignore[call-overload]  # a key stands in a mapping
        index, start = keys.index(key), self.key(route)[0]
        begin = self.value((*parent, keys[index - 1]))[1] if index else self.value(tuple(parent))[0]
        mark = self._without_comments(begin, start).find("?")
        return start if mark < 0 else begin + mark

    def _offsets(self, span: Span) -> tuple[int, int]:
        start, end = self.lines.start(span), self.lines.end(span)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def _without_comments(self, start: int, end: int) -> str:
        """Return what stands between keys and values, with blanks for comments."""
        return re.sub(r"#[^\n]*", lambda match: " " * len(match[0]), self.text[start:end])

    def data(self, route: Route) -> object:
        """Return the data at a route; raises KeyError or IndexError where there is none."""
        data: object = self._document.data
        for step in route:
            data = data[step]  # type: ignore[index]  # a route leads through lists and mappings
        return data

    def column(self, offset: int) -> int:
        """Return how many characters of its line stand before an offset."""
        return offset - self.lines.line_start(offset)

    def insert_line(self, after: int, line: str) -> str:
        """Return the text with a line below that of the offset `after`; a last line that is open stays open."""
        offset = self.lines.next_line(after)
        is_terminated = offset > 0 and self.text[offset - 1] == "\n"
        chunk = line + self.lines.ending if is_terminated else self.lines.ending + line
        return self.text[:offset] + chunk + self.text[offset:]
