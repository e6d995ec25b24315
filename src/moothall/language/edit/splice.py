"""Text put in the place of other text: the only way in which anything here changes a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from moothall.source import Span


class Splice(NamedTuple):
    """The text that shall stand from offset `start` to `end`, in characters; an insertion where they are equal."""

    start: int
    end: int
    text: str


class Lines:
    """A text whose lines can be found; a line ends with a line feed, as libyaml and every editor count."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        self._starts += [index + 1 for index, character in enumerate(text) if character == "\n"]

    @property
    def ending(self) -> str:
        """The line ending of the first line; a line feed where there is none."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a position that counts from 1; what lies beyond the text is its end."""
        if line > len(self._starts):
            return len(self.text)
        return min(self._starts[line - 1] + column - 1, len(self.text))

    def start(self, span: Span) -> int:
        """Return the offset at which a span begins."""
        return self.offset(span.line, span.column)

    def end(self, span: Span) -> int:
        """Return the offset at which a span ends."""
        return self.offset(span.end_line, span.end_column)

    def line_start(self, offset: int) -> int:
        """Return the offset at which the line of an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def next_line(self, offset: int) -> int:
        """Return the offset of the line after that of an offset; the end of the text if there is none."""
        line_feed = self.text.find("\n", offset)
        return len(self.text) if line_feed < 0 else line_feed + 1


def splice(text: str, splices: Iterable[Splice]) -> tuple[str, tuple[Splice, ...]]:
    """Return the text with the splices put in, and those that were: of overlapping ones only the first."""
    parts: list[str] = []
    applied: list[Splice] = []
    offset = 0
    for entry in sorted(splices):
        if entry.start < offset or (applied and applied[-1][:2] == entry[:2]):
            continue
        parts += [text[offset : entry.start], entry.text]
        offset = entry.end
        applied.append(entry)
    return "".join([*parts, text[offset:]]), tuple(applied)
