"""Ways between sites: over permitted links, through transit sites only, the shortest, always the same one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from moothall.model.resolved import Link, Partnership


@dataclass(frozen=True)
class Route:
    """A way between two sites: the sites in order, and the link crossed between each and the next."""

    sites: tuple[str, ...]
    links: tuple[Link, ...]

    def transits(self) -> Iterator[tuple[str, Link, Link]]:
        """Yield each site between the ends with the link before it and the link after it."""
        yield from zip(self.sites[1:-1], self.links, self.links[1:], strict=False)


def route(partnership: Partnership, start: str, end: str) -> Route:
    """Return the shortest way from `start` to `end`; the first in alphabetical order when several are.

    There and back are the same way. Raises LookupError when there is none; the rule `no-route` has refused
    such definitions before.
    """
    if start > end:
        back = route(partnership, end, start)
        return Route(back.sites[::-1], back.links[::-1])
    candidates = [Route((start,), ())]
    visited_sites = {start}
    while candidates:
        for candidate in candidates:
            if candidate.sites[-1] == end:
                return candidate
        candidates = [
            longer for candidate in candidates for longer in _extended_routes(partnership, candidate, visited_sites)
        ]
        visited_sites.update(candidate.sites[-1] for candidate in candidates)
    raise LookupError(f"no way from {start} to {end}")


def _extended_routes(partnership: Partnership, route: Route, visited_sites: set[str]) -> Iterator[Route]:
    last_site = route.sites[-1]
    if len(route.sites) > 1 and not partnership.sites[last_site].transit:
        return
    for link in partnership.links.values():
        if last_site in link.sites:
            next_site = link.sites[1 - link.sites.index(last_site)]
            if next_site not in visited_sites:
                yield Route((*route.sites, next_site), (*route.links, link))
