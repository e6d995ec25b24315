"""The files of one root, each read when somebody wants to know what is in it.

Of a file that is as the system said when it was last read, the cache knows what it holds: git trusts a working tree in
the same way (gitformat-index(5)).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from moothall.cache import Cache, digest
from moothall.checking import MODULES, content, shelf_of
from moothall.failures import Failure
from moothall.halves import halves
from moothall.read.listing import Listed
from moothall.read.sources import Source, State, source, states

if TYPE_CHECKING:
    from moothall.diagnostics import Diagnostic

_COARSE_NS = 3_000_000_000
"""A change this long ago has a time of its own on every file system; the coarsest count in steps of two seconds."""
_MANY = 4000
"""Files about which it takes longer to ask the system than to start a second process."""
_FILES = b""
"""Where a group's own shelf has the state and the key of each of its files."""


class Contents(Mapping[str, str]):
    """The text of every file that can be used, by path; `known` has the keys of those that were looked at."""

    def __init__(self, files: Sequence[Listed], cache: Cache) -> None:
        """Take the files that were listed just now, and what is known of them."""
        self._cache = cache
        self._before = time.time_ns() - _COARSE_NS
        self._sources: dict[str, dict[str, Source]] = {}
        self.groups: dict[str, list[Listed]] = {
            group: list(listed) for group, listed in groupby(files, lambda file: shelf_of(file.path))
        }
        """The files of each partnership, by its folder, and of the module catalogue, if it holds any."""
        self.known: dict[str, bytes] = {}
        self.findings: list[Diagnostic] = []
        groups = list(self.groups)
        found = halves(self._stamped, groups) if len(files) >= _MANY else self._stamped(groups)
        self._stamps = dict(zip(groups, found, strict=True))

    def _stamped(self, groups: Sequence[str]) -> list[bytes | None]:
        """Return the digest of what the system says of all files of each group, None where it does not tell."""
        return [_stamp(self.groups[group], states(self.groups[group], self._before)) for group in groups]

    def digest(self, group: str) -> bytes:
        """Return the digest of the paths and texts of a group's files that can be used."""
        stamp, shelf = self._stamps.get(group), self._cache.shelf("stamps")
        if stamp and (known := shelf.get(stamp)):
            return known[1]
        usable = [source for source in self.sources([group]) if source.usable]
        made = digest(b"", *(self.known[source.path] for source in usable))
        if stamp and len(usable) == len(self.groups[group]):
            shelf.put(stamp, (None, made))
        return made

    def sources(self, groups: Iterable[str]) -> list[Source]:
        """Return the files of some groups; what is wrong with them as files is then among the findings."""
        return [source for group in groups for source in self._group(group).values()]

    def _group(self, group: str) -> dict[str, Source]:
        """Return the files of one group by path; of those that are as they were only the keys are known.

        Raises Failure when one was changed since the group had its stamp: it would be taken for what it was then.
        """
        if group in self._sources:
            return self._sources[group]
        shelf, files = self._cache.shelf(f"files of {group}"), self.groups.get(group, [])
        kept = shelf.get(_FILES)
        known: Any = kept[0] if kept else {}
        said = states(files, self._before)
        if (stamp := self._stamps.get(group)) and stamp != _stamp(files, said):
            raise _changed(group)
        read: dict[str, Source] = {}
        now: dict[str, object] = {}
        for file, state in zip(files, said, strict=True):
            was, key = known.get(file.path, (None, b""))
            if state and was == state:
                self.known[file.path] = key
                read[file.path] = Source(file.path, file.kind, None, partial(self._again, file), shipped=file.shipped)
            else:
                read[file.path] = self._new(file)
            if state and file.path in self.known:
                now[file.path] = (state, self.known[file.path])
        if now != known:
            shelf.put(_FILES, (now, b""))
        self._sources[group] = read
        return read

    def _new(self, file: Listed) -> Source:
        """Read a file of which nothing is known."""
        read, wrong = source(file)
        self.findings += [wrong] if wrong else []
        if read.text is not None:
            self.known[file.path] = digest(content(file.path, read.text))
        return read

    def _again(self, file: Listed) -> str:
        """Return the text of a file by which its key was made. Raises Failure when it has another one by now."""
        text = source(file)[0].text
        if text is None or digest(content(file.path, text)) != self.known[file.path]:
            raise _changed(file.path)
        return text

    def __getitem__(self, path: str) -> str:
        """Return a text. Raises KeyError for a path without one, and Failure for a file that was sound just now."""
        was_looked_at = shelf_of(path) in self._sources
        text = self._group(shelf_of(path))[path].text
        if text is None:
            raise KeyError(path) if was_looked_at else _changed(path)
        return text

    def __iter__(self) -> Iterator[str]:
        """Go through the paths of the root's own files that can be used, as far as it is known."""
        left_out = {source.path for read in self._sources.values() for source in read.values() if not source.usable}
        left_out |= {file.path for file in self.groups.get(MODULES, ()) if file.shipped}
        return (file.path for files in self.groups.values() for file in files if file.path not in left_out)

    def __len__(self) -> int:
        """Count these paths."""
        return sum(1 for _ in self)


def _stamp(files: Sequence[Listed], said: Sequence[State | None]) -> bytes | None:
    """Return the digest of what the system says of files, None where it does not tell."""
    paths = [file.path for file in files]
    return None if None in said else digest(repr((paths, said)).encode(errors="surrogateescape"))


def _changed(path: str) -> Failure:
    return Failure(f"{path} was changed while it was looked at", mend="run the same command again")
