"""Which sites can be reached from which: over links, and through transit sites only."""

from __future__ import annotations

from moothall.model.written import Partnership


class Ways:
    """The ways over the links of a partnership between its known sites; a way there is one back."""

    def __init__(self, partnership: Partnership) -> None:
        self._sites = partnership.sites
        self._neighbours: dict[str, set[str]] = {site: set() for site in partnership.sites}
        for one, other in (link.between for link in partnership.links):
            if one in self._neighbours and other in self._neighbours:
                self._neighbours[one].add(other)
                self._neighbours[other].add(one)
        self._sites_by_end: dict[str, frozenset[str]] = {}

    def lead(self, start: str, end: str) -> bool:
        """Say whether there is a way between two known sites; cheapest where many are asked about the same `end`."""
        if end not in self._sites_by_end:
            self._sites_by_end[end] = self._from(end)
        return start in self._sites_by_end[end]

    def _from(self, start: str) -> frozenset[str]:
        """Return the sites that have a way from `start`, itself included."""
        reached_sites = {start}
        frontier = [start]
        while frontier:
            site = frontier.pop()
            if site == start or self._sites[site].transit:
                frontier += self._neighbours[site] - reached_sites
                reached_sites |= self._neighbours[site]
        return frozenset(reached_sites)
