"""The lines that changed: two documents compared value by value, each difference with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from moothall.source import Document, Route, Span

LONGEST_VALUE = 80
"""Characters of a value that are shown."""


class Line(NamedTuple):
    """A value that was added, removed or changed: its route, what it was and is, where it stood and stands.

    `path` is the file's; `route` is that of the revision that has the value. Values are short JSON texts.
    """

    path: str
    route: Route
    before: str | None
    after: str | None
    before_span: Span | None
    after_span: Span | None


def changed_lines(before: Document | None, after: Document | None) -> tuple[Line, ...]:
    """Return what differs between a file as it was and as it is; None for a revision that does not have it."""
    comparison = _DocumentComparison(before, after)
    return tuple(comparison.values((), (), before.data if before else None, after.data if after else None))


class _DocumentComparison:
    def __init__(self, before: Document | None, after: Document | None) -> None:
        self.before = before
        self.after = after

    def values(self, old: Route, new: Route, before: object, after: object) -> Iterator[Line]:
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self._mappings(old, new, before, after)
        elif isinstance(before, list) and isinstance(after, list):
            yield from self._lists(old, new, before, after)
        elif before != after:
            yield self._line(old if before is not None else None, new if after is not None else None, before, after)

    def _mappings(
        self, old: Route, new: Route, before: Mapping[str, object], after: Mapping[str, object]
    ) -> Iterator[Line]:
        for key in dict.fromkeys([*after, *before]):
            if key not in before:
                yield self._line(None, (*new, key), None, after[key])
            elif key not in after:
                yield self._line((*old, key), None, before[key], None)
            else:
                yield from self.values((*old, key), (*new, key), before[key], after[key])

    def _lists(self, old: Route, new: Route, before: Sequence[object], after: Sequence[object]) -> Iterator[Line]:
        """Items that both have are the same wherever they stand; as many others on both sides are compared in pairs."""
        removed_indexes = _indexes_without(before, after)
        added_indexes = _indexes_without(after, before)
        if len(removed_indexes) == len(added_indexes):
            for one, other in zip(removed_indexes, added_indexes, strict=True):
                yield from self.values((*old, one), (*new, other), before[one], after[other])
            return
        for one in removed_indexes:
            yield self._line((*old, one), None, before[one], None)
        for other in added_indexes:
            yield self._line(None, (*new, other), None, after[other])

    def _line(self, old: Route | None, new: Route | None, before: object, after: object) -> Line:
        document = self.after or self.before
        assert document is not None
        route = new if new is not None else old
        assert route is not None
        return Line(
            document.path,
            route,
            None if old is None else _short_text(before),
            None if new is None else _short_text(after),
            _span(self.before, old),
            _span(self.after, new),
        )


def _indexes_without(items: Sequence[object], others: Sequence[object]) -> list[int]:
    """Return the indexes of the items that the others do not hold."""
    other_items = {json.dumps(other, sort_keys=True) for other in others}
    return [index for index, item in enumerate(items) if json.dumps(item, sort_keys=True) not in other_items]


def _span(document: Document | None, route: Route | None) -> Span | None:
    if document is None or route is None:
        return None
    place = document.place(route)
    return place.value if not route or isinstance(route[-1], int) else place.key


def _short_text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
