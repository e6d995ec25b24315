"""Which sites can be reached from which: over links, and through transit sites only."""

from __future__ import annotations

from moothall.model.written import Partnership


def reachable(partnership: Partnership, start: str) -> frozenset[str]:
    """Return the sites that have a way from `start`, itself included."""
    found = {start}
    ends = [start]
    while ends:
        here = ends.pop()
        if here != start and not partnership.sites[here].transit:
            continue
        for there in _neighbours(partnership, here) - found:
            found.add(there)
            ends.append(there)
    return frozenset(found)


def _neighbours(partnership: Partnership, site: str) -> set[str]:
    """Return the known sites at the other ends of a site's links."""
    ends = {end for link in partnership.links if site in link.between for end in link.between}
    return ends & partnership.sites.keys()
