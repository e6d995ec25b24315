"""The places of one document, worked out when the first is asked for: where nothing is wrong, none ever is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from moothall.source import Place, Route, Span

Quad = tuple[int, int, int, int]
"""Start line and column, end line and column, counted from 0 as libyaml does."""

Quads = dict[Route, tuple[Quad, Quad]]
"""Where key and value stand, for every route of a document."""


class Places(Mapping[Route, Place]):
    """The places of the sound document in a text, which is asked for, and read once more, to find them."""

    def __init__(self, path: str, text: Callable[[], str], locate: Callable[[str, str], Quads]) -> None:
        """Take the file's path, how its text is had, and what finds all places of a path and its text."""
        self._path = path
        self._locate = locate
        self._text = text
        self._quads: Quads | None = None

    @property
    def text(self) -> str:
        """Return the text of the document."""
        return self._text()

    def _all(self) -> Quads:
        if self._quads is None:
            self._quads = self._locate(self._path, self._text())
        return self._quads

    def __getitem__(self, route: Route) -> Place:
        key, value = self._all()[route]
        return Place(span_of(self._path, key), span_of(self._path, value))

    def __iter__(self) -> Iterator[Route]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __contains__(self, route: object) -> bool:
        return route in self._all()


def span_of(path: str, quad: Quad) -> Span:
    """Return the span of a quad."""
    return Span(path, quad[0] + 1, quad[1] + 1, quad[2] + 1, quad[3] + 1)
