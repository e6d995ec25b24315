"""The next network that nobody has: what `onboard` proposes and the rules about networks accept."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable

from moothall.language.facts.blocks import Block, block
from moothall.language.facts.networks import leaves, links, spaces
from moothall.language.facts.symbols import all_councils
from moothall.model.written import Definitions, Folder, Site

USUAL = 256
"""Addresses of a council's network where no other council's can be looked at: a /24."""

_TWIN = 0xFFFFFF
"""The part of an address that gives the loopback address on the engine's machine; see the rule local-access-clash."""


def next_network(definitions: Definitions, folder: Folder, site: Site) -> Block | None:
    """Return a network for a new council at a site, of the size that its councils have; None if there is no room.

    It lies behind the last of them if it can, meets no network of any partnership, and has a loopback address of its
    own.
    """
    site_networks = [block(council.network) for council in folder.councils if council.site == site.name]
    others = [block(council.network) for council in folder.councils]
    space = block(site.network)
    twins = {block(council.network).first & _TWIN for _, council in all_councils(definitions)}
    start = max((each.last + 1 for each in site_networks if space.contains(each)), default=space.first)
    busy = _busy(definitions, space)
    size = _usual_size(site_networks or others)
    return _first_free(space, size, busy, twins, start) or _first_free(space, size, busy, twins, space.first)


def next_server_network(definitions: Definitions, site: Site, own: Block, taken: Collection[Block]) -> Block | None:
    """Return a network at a site for a server of an instance, of the size of `own`; None if there is no room.

    It lies behind the instance's `own` network if it can, and meets no network of any partnership and none of `taken`.
    """
    space = block(site.network)
    busy = sorted([*_busy(definitions, space), *taken])
    start = own.last + 1 if space.contains(own) else space.first
    return _first_free(space, own.size, busy, (), start) or _first_free(space, own.size, busy, (), space.first)


def _busy(definitions: Definitions, space: Block) -> list[Block]:
    """Return what is taken in an address space, in order."""
    networks = [*links(definitions), *leaves(definitions), *spaces(definitions)]
    blocks = {each.block for each in networks}
    return sorted(each for each in blocks if each.overlaps(space) and each != space)


def _usual_size(networks: Iterable[Block]) -> int:
    sizes = Counter(each.size for each in networks)
    return sizes.most_common(1)[0][0] if sizes else USUAL


def _first_free(space: Block, size: int, busy: list[Block], twins: Collection[int], start: int) -> Block | None:
    """Return the first network from `start` on; `busy` is in order and does not overlap itself."""
    firsts = [each.first for each in busy]
    first = -(-start // size) * size
    while first + size - 1 <= space.last:
        candidate = Block(first, first + size - 1)
        index = bisect_right(firsts, candidate.last) - 1
        if index >= 0 and busy[index].overlaps(candidate):
            first = -(-(busy[index].last + 1) // size) * size
        elif first & _TWIN in twins:
            first += size
        else:
            return candidate
    return None
