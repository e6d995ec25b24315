"""network-overlap: two networks share addresses.

Address spaces and links must be apart from each other, and leaves (instances, mirrors, backups, councils, local
and local access networks) from each other, across all partnerships: they may meet on one container engine. A leaf
and an address space that it does not belong in are the business of network-not-contained.

Leaves that share addresses because the address spaces that they lie in do are reported with these, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.blocks import block
from moothall.language.facts.networks import Network, leaves, links, spaces
from moothall.model.written import Definitions
from moothall.source import Origin

RULE = "network-overlap"
SCOPE = Scope.EVERYWHERE
_MOST = 8
"""Leaves that are shown with the address space they lie in; more would hide the finding."""


class _Overlap(NamedTuple):
    """Two networks that share addresses; the newer one, which the finding is about, and the older one."""

    network: Network
    other: Network

    def follows_from(self, outer: _Overlap) -> bool:
        """Say whether two leaves overlap because the address spaces of an outer overlap do, of which one holds one."""
        one, other = self.network.site, self.other.site
        if one is None or other is None or one.origin is other.origin:
            return False
        ours, theirs = {_key(one.origin), _key(other.origin)}, {_key(outer.network.origin), _key(outer.other.origin)}
        return bool(ours & theirs) and block(one.network).overlaps(block(other.network))


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every network that overlaps one before it in the order of addresses."""
    outer_overlaps = list(_overlaps(definitions, [*spaces(definitions), *links(definitions)]))
    leaves_by_overlap: list[list[Network]] = [[] for _ in outer_overlaps]
    for overlap in _overlaps(definitions, leaves(definitions)):
        number = next((number for number, outer in enumerate(outer_overlaps) if overlap.follows_from(outer)), None)
        if number is None:
            yield _finding(overlap, ())
        else:
            leaves_by_overlap[number].append(overlap.network)
    for overlap, leaves_of_it in zip(outer_overlaps, leaves_by_overlap, strict=True):
        yield _finding(overlap, leaves_of_it)


def _overlaps(definitions: Definitions, networks: Iterable[Network]) -> Iterator[_Overlap]:
    """Sweep the networks by address: one that begins before the farthest end so far overlaps it.

    Of two that overlap, the one is named whose file came later, or which is declared later: a new council's or
    partnership's before what was there.
    """
    numbered_networks = list(enumerate(networks))
    farthest: tuple[int, Network] | None = None
    for order, network in sorted(
        numbered_networks, key=lambda item: (item[1].block.first, -item[1].block.last, item[0])
    ):
        if farthest and network.block.overlaps(farthest[1].block):
            (_, other), (_, later) = sorted(
                [farthest, (order, network)], key=lambda item: (definitions.age_rank(_path(item[1])), item[0])
            )
            yield _Overlap(later, other)
        if farthest is None or network.block.last > farthest[1].block.last:
            farthest = (order, network)


def _finding(overlap: _Overlap, inner_leaves: Sequence[Network]) -> Diagnostic:
    network, other = overlap
    what, others = network.what, other.what
    if what == others:  # each partnership has its own names, and a copied file has those of the first
        what, others = f"{what} in {_path(network)}", f"{others} in {_path(other)}"
    summary = f"{what} {'is also' if network.block == other.block else 'overlaps'} {others}"
    detail = f"{network.text} and {other.text} share addresses: give one of them a network of its own."
    if inner_leaves:
        detail += f" With it {_number(len(inner_leaves))} to move."
    related = [
        Label(other.span, other.what),
        *(Label(leaf.span, f"{leaf.what}, in it") for leaf in inner_leaves[:_MOST]),
    ]
    return error(RULE, summary, detail, network.span, *related)


def _number(leaves_of_it: int) -> str:
    return "one network in it has" if leaves_of_it == 1 else f"{leaves_of_it} networks in it have"


def _path(network: Network) -> str:
    return network.origin.document.path


def _key(origin: Origin) -> tuple[str, object]:
    return origin.document.path, origin.route
