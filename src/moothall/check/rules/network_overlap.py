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
    """Sweep the networks by address: one that begins before the farthest end so far overlaps it."""
    farthest: Network | None = None
    for network in sorted(networks, key=lambda network: (network.block.first, -network.block.last, network.span)):
        if farthest and network.block.overlaps(farthest.block):
            yield _overlap(network, farthest)
        if farthest is None or network.block.last > farthest.block.last:
            farthest = network


def _overlap(network: Network, other: Network) -> Diagnostic:
    same = network.block == other.block
    summary = f"{network.what} {'is also' if same else 'overlaps'} {other.what}"
    detail = f"{network.text} and {other.text} share addresses: give one of them a network of its own."
    return error(RULE, summary, detail, network.span, Label(other.span, other.what))
