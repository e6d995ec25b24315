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

__all__ = ["RULE", "with_fixes"]

_HIGHEST = 255
_FEWEST = 2
"""Siblings that have to agree."""


def with_fixes(definitions: Definitions, findings: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings, those of `RULE` among them with the fixes that are certain."""
    certain_fixes = {span: Fix(span, text) for span, text in _certain_networks(definitions)}
    return [_with_fix(finding, certain_fixes) if finding.rule == RULE else finding for finding in findings]


def _with_fix(finding: Diagnostic, certain_fixes: Mapping[Span, Fix]) -> Diagnostic:
    if fix := certain_fixes.get(finding.primary.span):
        return finding._replace(fix=fix)
    return finding._replace(detail=f"{finding.detail} If the address is right, mend the prefix.")


def _certain_networks(definitions: Definitions) -> Iterator[tuple[Span, str]]:
    """Yield the place of a network with host bits and its correct text, where its siblings make that certain."""
    for folder in definitions.folders:
        own = definitions._replace(folders=(folder,))
        kinds = list(map(list, (spaces(own), links(own), leaves(own))))
        for siblings in kinds:
            for network in siblings:
                if str(network.block) != network.text and _siblings_agree(network, siblings, kinds):
                    yield network.span, str(network.block)


def _siblings_agree(network: Network, siblings: Iterable[Network], kinds: Iterable[Iterable[Network]]) -> bool:
    """Say whether all siblings have its prefix and end as it would, and nothing else has its addresses."""
    others = [sibling.block for sibling in siblings if sibling is not network]
    block = network.block
    if len(others) < _FEWEST or any(other.size != block.size for other in others) or _has_moved_dot(network.text):
        return False
    all_others = (each for kind in kinds for each in kind if each is not network)
    return _is_contained(network) and not any(_meet(network, block, other) for other in all_others)


def _has_moved_dot(text: str) -> bool:
    """Say whether another network becomes this by a dot and a digit that change places: 10.7.255.0, 10.7.25.50."""
    dots = [index for index, letter in enumerate(text) if letter == "."]
    variants = (
        text[:index] + text[index + 1] + text[index] + text[index + 2 :] for dot in dots for index in (dot - 1, dot)
    )
    return any(_is_network(other) for other in variants)


def _is_network(text: str) -> bool:
    parts = text.partition("/")[0].split(".")
    is_address = all(part.isdecimal() and part == str(int(part)) and int(part) <= _HIGHEST for part in parts)
    return is_address and str(block_of(text)) == text


def _is_contained(network: Network) -> bool:
    return network.site is None or Network(network.site.network, "", network.origin).block.contains(network.block)


def _meet(network: Network, block: Block, other: Network) -> bool:
    """Say whether two networks share an address, where neither is meant to lie in the other."""
    if (network.site is None) != (other.site is None):
        return False
    return block.overlaps(other.block)
