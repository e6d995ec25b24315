"""A cache, across runs, of the verdict that nothing is wrong: what has not changed is not even parsed.

A verdict is kept for a whole root, and for each partnership in it with what it lays claim to, by the digest of its
files, of the module catalogue and of the day. Findings are never kept: whatever is wrong is found anew in every run.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from moothall.cache import Cache, digest
from moothall.language.files.sources import Source
from moothall.validation.groups import MODULES, Groups

if TYPE_CHECKING:  # where nothing has changed nobody asks for the rules
    from moothall.validation.claims import Claims


class Verdict(NamedTuple):
    """That nothing is wrong with a partnership: the number of warnings that it accepts, and what it lays claim to."""

    waived_count: int
    claims: Claims


class VerdictCache:
    """What earlier runs found out about these very files on the same day."""

    def __init__(self, cache: Cache, groups: Groups, as_of: date) -> None:
        self._shelf = cache.shelf("verdicts")
        ground = digest(as_of.isoformat().encode(), _digest(groups[MODULES]))
        self._keys = {name: digest(ground, _digest(files)) for name, files in groups.items() if name != MODULES}
        self._whole = digest(ground, *(self._keys[name] for name in sorted(self._keys)))
        for key in self._keys.values():
            self._shelf.get(key)  # it stays, also where this run has no need of it

    def root_verdict(self) -> int | None:
        """Return the number of accepted warnings if nothing was wrong with all of it, else None."""
        entry: tuple[int] | None = self._shelf.get(self._whole)
        return entry and entry[0]

    def keep_root_verdict(self, waived_count: int) -> None:
        """Keep that nothing is wrong with all of it."""
        if self.root_verdict() is None:
            self._shelf.put(self._whole, (waived_count,))

    def verdict_of(self, name: str) -> Verdict | None:
        """Return the verdict on a partnership, None if there is none."""
        entry: tuple[int, list[str], list[tuple[int, int]]] | None = self._shelf.get(self._keys[name])
        if entry is None:
            return None
        from moothall.validation.claims import Claims

        waived_count, uids, addresses = entry
        return Verdict(waived_count, Claims(uids, addresses))

    def keep_verdict(self, name: str, verdict: Verdict) -> None:
        """Keep the verdict on a partnership."""
        self._shelf.put(self._keys[name], (verdict.waived_count, *verdict.claims))


def _digest(files: Iterable[Source]) -> bytes:
    """Return the digest of the paths and texts of files."""
    return digest(b"", *(f"{file.path}\0{file.text}".encode(errors="surrogateescape") for file in files))
