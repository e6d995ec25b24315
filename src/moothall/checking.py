"""From the text of files to definitions and findings, with what an earlier run has worked out already.

Of a file whose shape is right the cache keeps the data, by the digest of its path and text; and of a council in which
the rules for one council find nothing, the digest of all else that they look at. Findings are never kept: whatever is
wrong is found anew in every run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from moothall import home
from moothall.cache import Cache, digest
from moothall.diagnostics import Diagnostic
from moothall.read.places import Places
from moothall.read.sources import Source
from moothall.source import Document

if TYPE_CHECKING:  # where nothing has changed nobody is asked what it means
    from moothall.model.written import Council, Definitions, Folder
    from moothall.read.definitions import Reading

_UNPROVED = b""
Made = tuple[Document | None, tuple[Diagnostic, ...]]
"""What became of a file: its document if it is YAML, and what is wrong with it."""
MODULES = "modules"


class Checked(NamedTuple):
    """What files say as far as they are sound, what is wrong with some of them, and what the rules find in the rest."""

    definitions: Definitions
    wrong: list[Diagnostic]
    found: list[Diagnostic]


class Checking:
    """One run over the files of one root.

    `cache` may keep nothing, `known` are the keys of files by path, and `added` says which files came later.
    """

    def __init__(
        self, cache: Cache, known: dict[str, bytes] | None = None, added: Callable[[str], int] | None = None
    ) -> None:
        self.cache = cache
        self._added = added
        self._keys = {} if known is None else known

    def keys(self, found: Iterable[Source]) -> Iterator[bytes]:
        """Yield the key of every file that can be used: a digest of its path and text."""
        for source in found:
            if source.path not in self._keys and source.text is not None:
                self._keys[source.path] = digest(content(source.path, source.text))
            if source.usable:
                yield self._keys[source.path]

    def checked(self, found: Iterable[Source], as_of: date) -> Checked:
        """Take files as far as they get, and look at them with every rule as they are on a day."""
        from moothall.check.alone import together
        from moothall.check.certainty import mended
        from moothall.read.definitions import definitions

        readings, wrong = self.readings(found)
        defined = definitions(readings, as_of)
        if self._added:
            defined = defined._replace(added=self._added)
        return Checked(defined, wrong, mended(defined, [*self._alone(defined), *together(defined)]))

    def readings(self, found: Iterable[Source]) -> tuple[list[Reading], list[Diagnostic]]:
        """Take files as far as their shape."""
        from moothall.read.definitions import Reading

        found = tuple(found)
        usable = [source for source in found if source.usable]
        made = self._documents(usable)
        readings: list[Reading] = []
        findings: list[Diagnostic] = []
        for source in found:
            document, wrong = made.get(source.path, (None, ()))
            readings.append(Reading(source.path, source.kind, document, sound=document is not None and not wrong))
            findings += wrong
        return readings, findings

    def _documents(self, usable: Sequence[Source]) -> dict[str, Made]:
        """Return the document of each file by path, and what is wrong with it."""
        made: dict[str, Made] = {}
        anew: list[tuple[Source, bytes]] = []
        for source, key in zip(usable, self.keys(usable), strict=True):
            kept = self.cache.shelf(shelf_of(source.path)).get(key)
            if kept is None:
                anew.append((source, key))
            else:
                made[source.path] = _document(source, kept[0]), ()
        made |= {source.path: _parsed(source) for source, _ in anew}
        for source, key in anew:
            document, wrong = made[source.path]
            if document and not wrong:
                made[source.path] = document, _shape(document, source.kind, made)
                if not made[source.path][1]:
                    self.cache.shelf(shelf_of(source.path)).put(key, (document.data, _UNPROVED))
        return made

    def _alone(self, definitions: Definitions) -> list[Diagnostic]:
        """Return what the rules for one council find, where they have not found nothing before."""
        from moothall.check.alone import alone

        unproved: dict[str, bytes] = {}
        for folder in definitions.folders:
            ground = self._ground(definitions, folder)
            unproved |= {path: ground for path in map(_path, folder.councils) if not self._proved(path, ground)}
        found = list(alone(definitions, lambda council: _path(council) in unproved))
        self._prove(unproved, {finding.primary.span.path for finding in found})
        return found

    def _ground(self, definitions: Definitions, folder: Folder) -> bytes:
        """Return the digest of all that the rules for one council look at, but for the council itself."""
        from moothall.check import known

        councils = sorted(known.councils(folder))
        names = [definitions.as_of.isoformat(), *councils, "", *sorted(definitions.unread_modules)]
        files = [folder.partnership.origin.document.path]
        files += sorted(module.origin.document.path for module in definitions.modules.values())
        return digest(*(os.fsencode(name) for name in names), *(self._keys[path] for path in files))

    def _proved(self, path: str, ground: bytes) -> bool:
        kept = self.cache.shelf(shelf_of(path)).get(self._keys[path])
        return kept is not None and kept[1] == ground

    def _prove(self, unproved: Mapping[str, bytes], named: set[str]) -> None:
        """Keep that nothing was found in councils, unless it may have been their doing that a file is named."""
        others = {shelf_of(path) for path in named - unproved.keys()}
        for path, ground in unproved.items():
            shelf, key = self.cache.shelf(shelf_of(path)), self._keys[path]
            kept = shelf.get(key)
            if kept is not None and path not in named and not others & {shelf_of(path), MODULES}:
                shelf.put(key, (kept[0], ground))


def _parsed(source: Source) -> Made:
    """Take one file as far as its data."""
    from moothall.check.secrets import secrets  # no such library is loaded where nothing has changed
    from moothall.read.yaml12 import parse

    assert source.text is not None
    document, wrong = parse(source.path, source.text)
    if leaks := tuple(secrets(source.path, source.text)):
        return document, leaks  # whatever else is said might quote them
    return document, wrong


def _shape(document: Document, kind: str, made: Mapping[str, Made]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a document's shape, with an eye on the names in those that belong to it."""
    from moothall.check.shape import shape
    from moothall.check.spelling import written

    shelves = (shelf_of(document.path), MODULES)
    names = cache(lambda: written(each for path, (each, _) in made.items() if each and shelf_of(path) in shelves))
    return shape(document, kind, home.SCHEMAS, names)


def _document(source: Source, data: object) -> Document:
    def text() -> str:
        assert source.text is not None
        return source.text

    return Document(source.path, data, Places(source.path, text))


def content(path: str, text: str) -> bytes:
    """Return what a file is known by: its path and text."""
    return f"{path}\0{text}".encode(errors="surrogateescape")


def _path(council: Council) -> str:
    return council.origin.document.path


def shelf_of(path: str) -> str:
    """Return the shelf for a file: one for each partnership, and one for the modules."""
    return path[: path.find("/", len("partnerships/"))] if path.startswith("partnerships/") else MODULES
