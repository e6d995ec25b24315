"""network-overlap: two networks share addresses.

Address spaces and links must be apart from each other, and leaves (instances, mirrors, backups, councils, local
and desk networks) from each other, across all partnerships: they may meet on one container engine. A leaf
and an address space that it does not belong in are the business of network-not-contained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moothall.check.finding import error
from moothall.check.networks import Network, leaves, links, spaces
from moothall.diagnostics import Diagnostic, Label
from moothall.model.written import Definitions

RULE = "network-overlap"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every network that overlaps one before it in the order of addresses."""
    yield from _overlaps([*spaces(definitions), *links(definitions)])
    yield from _overlaps(leaves(definitions))


def _overlaps(networks: Iterable[Network]) -> Iterator[Diagnostic]:
    """Sweep the networks by address: one that begins before the farthest end so far overlaps it.

    Of two that overlap, the one declared later is named: a new council's before what was there.
    """
    declared = list(enumerate(networks))
    farthest: tuple[int, Network] | None = None
    for order, network in sorted(declared, key=lambda item: (item[1].block.first, -item[1].block.last, item[0])):
        if farthest and network.block.overlaps(farthest[1].block):
            (_, other), (_, later) = sorted([farthest, (order, network)], key=lambda item: item[0])
            yield _overlap(later, other)
        if farthest is None or network.block.last > farthest[1].block.last:
            farthest = (order, network)


def _overlap(network: Network, other: Network) -> Diagnostic:
    same = network.block == other.block
    summary = f"{network.what} {'is also' if same else 'overlaps'} {other.what}"
    detail = f"{network.text} and {other.text} share addresses: give one of them a network of its own."
    return error(RULE, summary, detail, network.span, Label(other.span, other.what))
