"""Entries put into and taken out of lists and mappings in brackets."""

from __future__ import annotations

from moothall.language.edit.splice import Splice, splice


def add(text: str, whole: tuple[int, int], last: int | None, entry: str) -> str:
    """Return the text with an entry after the one that ends at `last`, or as the only one of `whole`."""
    if last is None:
        return splice(text, [Splice(whole[0] + 1, whole[0] + 1, entry)])[0]
    return splice(text, [Splice(last, last, f", {entry}")])[0]


def take(text: str, entry: tuple[int, int], previous_end: int | None, next_start: int | None, end: int) -> str:
    """Return the text without an entry and without the comma that parted it from its neighbour.

    `previous_end` is where the entry before it ends, `next_start` where the next begins, `end` where the closing
    bracket is. Comments and line breaks around it stay.
    """
    start, stop = entry
    gap = (previous_end, start) if previous_end is not None else (stop, next_start if next_start is not None else end)
    comma = _comma(text, *gap)
    gap_text = text[slice(*gap)]
    if comma is not None and "\n" not in gap_text and (previous_end is not None or next_start is not None):
        return splice(text, [Splice(min(gap[0], start), max(gap[1], stop), "")])[0]
    parts = [Splice(start, stop, "")] + ([] if comma is None else [Splice(comma, comma + 1, "")])
    return splice(text, parts)[0]


def _comma(text: str, start: int, stop: int) -> int | None:
    """Return the offset of the comma between two entries; one in a comment is none."""
    offset = start
    while offset < stop:
        if text[offset] == ",":
            return offset
        newline = text.find("\n", offset, stop)
        offset = (newline if newline >= 0 else stop) if text[offset] == "#" else offset + 1
    return None
