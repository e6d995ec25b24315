"""What a partnership lays claim to: rules of the scope `EVERYWHERE` find nothing but clashes of claims.

Where the claims of partnerships do not meet, checking all finds what checking each finds. Claims are taken widely:
those that meet need not be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from moothall.language.facts.networks import networks
from moothall.model.written import Definitions

_MASK = 0xFFFFFF


class Claims(NamedTuple):
    """The uids in a partnership, and the addresses of its networks, first and last, without their first eight bits."""

    uids: list[str]
    addresses: list[tuple[int, int]]


def claims(definitions: Definitions) -> Claims:
    """Return what the partnerships in the definitions lay claim to."""
    partnerships = (folder.partnership.metadata for folder in definitions.folders)
    councils = (council.metadata for folder in definitions.folders for council in folder.councils)
    uids = [each.uid for each in (*partnerships, *councils) if each.uid is not None]
    return Claims(uids, _merge_blocks((each.block.first, each.block.last) for each in networks(definitions)))


def meet(partnership_claims: Iterable[Claims]) -> bool:
    """Say whether any two of the partnerships claim the same uid or address."""
    partnership_claims = list(partnership_claims)
    uids = [uid for each in partnership_claims for uid in each.uids]
    blocks = sorted(block for each in partnership_claims for block in each.addresses)
    return len(set(uids)) < len(uids) or any(after[0] <= before[1] for before, after in pairwise(blocks))


def _merge_blocks(blocks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the blocks without their first eight bits, in order; those that touch are one."""
    merged_blocks: list[tuple[int, int]] = []
    for first, last in sorted({(first & _MASK, first & _MASK | last - first) for first, last in blocks}):
        if merged_blocks and first <= merged_blocks[-1][1] + 1:
            merged_blocks[-1] = (merged_blocks[-1][0], max(last, merged_blocks[-1][1]))
        else:
            merged_blocks.append((first, last))
    return merged_blocks
