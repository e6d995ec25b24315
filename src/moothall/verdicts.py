"""That nothing is wrong with a partnership, kept between runs: what has not changed is not even looked into.

A verdict is kept for a whole root in which nothing was found, and for each partnership in it, by the digest of its
files, of the module catalogue and of the day; with it stands what the partnership lays claim to. When a few
partnerships have changed, or very many files, they alone are checked. Where anything is found, or claimed twice, the
whole is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from moothall.cache import Kept, Shelf, digest
from moothall.checking import MODULES, Checking, shelf_of
from moothall.contents import Contents

if TYPE_CHECKING:  # where nothing has changed nobody is asked what it means
    from moothall.diagnostics import Diagnostic
    from moothall.model.written import Definitions

_FEW = 2
"""Of how many partnerships one may have changed for it to be worth while, where one process does it."""
_MANY = 1000
"""Files of partnerships that have changed which take longer than a second process to start."""


class Verdicts:
    """What is known about the partnerships of one root before they are looked into."""

    def __init__(self, contents: Contents, as_of: date, checking: Checking) -> None:
        self._contents = contents
        self._checking = checking
        self._cache = checking.cache
        self._as_of = as_of
        self._shelf: Shelf = self._cache.shelf("verdicts")
        ground = digest(as_of.isoformat().encode(), contents.digest(MODULES))
        names = [name for name in contents.groups if name != MODULES]
        self._keys = {name: digest(ground + contents.digest(name)) for name in names}
        self._whole = digest(ground + b"".join(self._keys[name] for name in sorted(self._keys)))

    def waived(self) -> int | None:
        """Return how many warnings are waived if it is certain that nothing is wrong, else None."""
        kept = self._shelf.get(self._whole)
        if kept is not None:
            return int.from_bytes(kept[1], "little")
        known = {name: verdict for name, key in self._keys.items() if (verdict := self._shelf.get(key))}
        made = self._made([name for name in self._keys if name not in known])
        return None if made is None else self._apart({**known, **made})

    def keep(self, definitions: Definitions, findings: Iterable[Diagnostic]) -> None:
        """Keep that nothing is wrong with all of this; `findings` are those that are waived."""
        self._put(self._verdicts(definitions, findings))

    def _made(self, changed: Sequence[str]) -> dict[str, Kept] | None:
        """Return verdicts for partnerships that have changed, None if anything is wrong or it is not worth while.

        Where anything is wrong the rules are asked once more about the whole.
        """
        from moothall.check.across import apart

        if not apart():
            return None
        if len(changed) > 1 and sum(len(self._contents.groups[name]) for name in changed) >= _MANY:
            return self._right_by_two(changed)
        return self._right(changed) if len(changed) * _FEW <= len(self._keys) else None

    def _right_by_two(self, changed: Sequence[str]) -> dict[str, Kept] | None:
        """Do what `_right` does in two processes, each of which keeps what it has read."""
        from moothall.halves import halves

        def right(names: Sequence[str]) -> list[Kept | None]:
            made = self._right(names) or {}
            self._cache.save(names)
            return [made.get(name) for name in names]

        self._checking.readings(self._contents.sources([MODULES]))  # both need them, and what reads them
        made = dict(zip(changed, halves(right, changed), strict=True))
        self._cache.forget(changed)  # the other process has written some
        verdicts = {name: verdict for name, verdict in made.items() if verdict is not None}
        return verdicts if len(verdicts) == len(made) else None

    def _right(self, names: Sequence[str]) -> dict[str, Kept] | None:
        """Return the verdicts of partnerships, None if anything is wrong with them."""
        from moothall.check.waivers import settle

        files = self._contents.sources([*sorted(names), MODULES])
        defined, wrong, findings = self._checking.checked(files, self._as_of)
        return None if wrong or settle(defined, findings)[0] else self._verdicts(defined, findings)

    def _apart(self, verdicts: Mapping[str, Kept]) -> int | None:
        """Keep the verdicts and return how many warnings are waived, None if two of the partnerships meet."""
        from moothall.check.across import Claims, meet

        data: list[Any] = [verdict[0] for verdict in verdicts.values()]
        if meet([Claims(uids, addresses) for _, uids, addresses in data]):
            return None
        self._put(verdicts)
        return int(sum(waived for waived, _, _ in data))

    def _verdicts(self, definitions: Definitions, findings: Iterable[Diagnostic]) -> dict[str, Kept]:
        """Return for each partnership how many warnings are waived, and its claims."""
        from moothall.check.across import claims
        from moothall.check.waivers import settle

        by_folder: dict[str, list[Diagnostic]] = {}
        for finding in findings:
            by_folder.setdefault(shelf_of(finding.primary.span.path), []).append(finding)
        verdicts: dict[str, Kept] = {}
        for folder in definitions.folders:
            name = shelf_of(folder.partnership.origin.document.path)
            _, waived = settle(definitions._replace(folders=(folder,)), by_folder.get(name, ()))
            verdicts[name] = ((waived, *claims(definitions, folder)), b"")
        return verdicts

    def _put(self, verdicts: Mapping[str, Kept]) -> None:
        for name, verdict in verdicts.items():
            self._shelf.put(self._keys[name], verdict)
        data: list[Any] = [verdict[0] for verdict in verdicts.values()]
        self._shelf.put(self._whole, (None, sum(each[0] for each in data).to_bytes(8, "little")))
