"""Which sites can be reached from which: over links, and through transit sites only."""

from __future__ import annotations

from moothall.model.written import Partnership


class Ways:
    """The ways over the links of a partnership between its known sites; a way there is one back."""

    def __init__(self, partnership: Partnership) -> None:
        self._sites = partnership.sites
        self._beside: dict[str, set[str]] = {site: set() for site in partnership.sites}
        for one, other in (link.between for link in partnership.links):
            if one in self._beside and other in self._beside:
                self._beside[one].add(other)
                self._beside[other].add(one)
        self._reached: dict[str, frozenset[str]] = {}

    def lead(self, start: str, end: str) -> bool:
        """Say whether there is a way between two known sites; cheapest where many are asked about the same `end`."""
        if end not in self._reached:
            self._reached[end] = self._from(end)
        return start in self._reached[end]

    def _from(self, start: str) -> frozenset[str]:
        """Return the sites that have a way from `start`, itself included."""
        found = {start}
        ends = [start]
        while ends:
            here = ends.pop()
            if here == start or self._sites[here].transit:
                ends += self._beside[here] - found
                found |= self._beside[here]
        return frozenset(found)
