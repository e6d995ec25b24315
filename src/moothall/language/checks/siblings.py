"""Whether the address or the prefix of a network with host bits is the slip: its siblings tell.

Where every other network of its kind in the partnership has the same prefix, and the network that holds the address
is one that could stand there, the address is wrong in its last part. Otherwise half of what is written is right and
nobody knows which half: nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from moothall.diagnostics import Diagnostic, Fix
from moothall.language.facts.blocks import Block
from moothall.language.facts.blocks import block as block_of
from moothall.language.facts.networks import Network, leaves, links, spaces
from moothall.language.rules.network.network_host_bits import RULE
from moothall.model.written import Definitions
from moothall.source import Span

__all__ = ["RULE", "mended"]

_HIGHEST = 255
_FEWEST = 2
"""Siblings that have to agree."""


def mended(definitions: Definitions, findings: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings, those of `RULE` among them with the fixes that are certain."""
    certain = {span: Fix(span, text) for span, text in _certain(definitions)}
    return [_mended(finding, certain) if finding.rule == RULE else finding for finding in findings]


def _mended(finding: Diagnostic, certain: Mapping[Span, Fix]) -> Diagnostic:
    if fix := certain.get(finding.primary.span):
        return finding._replace(fix=fix)
    return finding._replace(detail=f"{finding.detail} If the address is right, mend the prefix.")


def _certain(definitions: Definitions) -> Iterator[tuple[Span, str]]:
    """Yield where a network with host bits stands and what it is, if its siblings tell."""
    for folder in definitions.folders:
        own = definitions._replace(folders=(folder,))
        kinds = list(map(list, (spaces(own), links(own), leaves(own))))
        for siblings in kinds:
            for network in siblings:
                if str(network.block) != network.text and _agreed(network, siblings, kinds):
                    yield network.span, str(network.block)


def _agreed(network: Network, siblings: Iterable[Network], kinds: Iterable[Iterable[Network]]) -> bool:
    """Say whether all siblings have its prefix and end as it would, and nothing else has its addresses."""
    others = [sibling.block for sibling in siblings if sibling is not network]
    block = network.block
    if len(others) < _FEWEST or any(other.size != block.size for other in others) or _has_moved_dot(network.text):
        return False
    everywhere = (each for kind in kinds for each in kind if each is not network)
    return _contained(network) and not any(_meet(network, block, other) for other in everywhere)


def _has_moved_dot(text: str) -> bool:
    """Say whether another network becomes this by a dot and a digit that change places: 10.7.255.0, 10.7.25.50."""
    dots = [at for at, letter in enumerate(text) if letter == "."]
    moved = (text[:at] + text[at + 1] + text[at] + text[at + 2 :] for dot in dots for at in (dot - 1, dot))
    return any(_is_network(other) for other in moved)


def _is_network(text: str) -> bool:
    parts = text.partition("/")[0].split(".")
    sound = all(part.isdecimal() and part == str(int(part)) and int(part) <= _HIGHEST for part in parts)
    return sound and str(block_of(text)) == text


def _contained(network: Network) -> bool:
    return network.site is None or Network(network.site.network, "", network.origin).block.contains(network.block)


def _meet(network: Network, block: Block, other: Network) -> bool:
    """Say whether two networks share an address, where neither is meant to lie in the other."""
    if (network.site is None) != (other.site is None):
        return False
    return block.overlaps(other.block)
