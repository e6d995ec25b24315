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
    ways = [Route((start,), ())]
    seen = {start}
    while ways:
        for candidate in ways:
            if candidate.sites[-1] == end:
                return candidate
        ways = [longer for candidate in ways for longer in _longer(partnership, candidate, seen)]
        seen.update(candidate.sites[-1] for candidate in ways)
    raise LookupError(f"no way from {start} to {end}")


def _longer(partnership: Partnership, route: Route, seen: set[str]) -> Iterator[Route]:
    here = route.sites[-1]
    if len(route.sites) > 1 and not partnership.sites[here].transit:
        return
    for link in partnership.links.values():
        if here in link.sites:
            there = link.sites[1 - link.sites.index(here)]
            if there not in seen:
                yield Route((*route.sites, there), (*route.links, link))
