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
    return Claims(uids, _merged((each.block.first, each.block.last) for each in networks(definitions)))


def meet(claimed: Iterable[Claims]) -> bool:
    """Say whether any two of the partnerships claim the same uid or address."""
    claimed = list(claimed)
    uids = [uid for each in claimed for uid in each.uids]
    blocks = sorted(block for each in claimed for block in each.addresses)
    return len(set(uids)) < len(uids) or any(after[0] <= before[1] for before, after in pairwise(blocks))


def _merged(blocks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the blocks without their first eight bits, in order; those that touch are one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted({(first & _MASK, first & _MASK | last - first) for first, last in blocks}):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
