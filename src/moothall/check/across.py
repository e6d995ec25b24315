"""Which rules look across partnerships, and what a partnership lays claim to: clashes of claims are all they find.

Where the claims of partnerships do not meet, checking all finds what checking each finds. Claims are taken widely:
those that meet need not be wrong. A rule that is listed nowhere here makes everything be checked together; one that
is listed wrongly fails `tests/check/test_across.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from moothall.check.networks import networks
from moothall.check.rules import RULES
from moothall.model.written import Definitions, Folder

ACROSS = frozenset(("duplicate-uid", "local-access-clash", "network-overlap"))
"""Rules that compare uids, or networks without their first eight bits, of any two partnerships."""

WITHIN = frozenset(
    (
        "agreement-over",
        "backup-at-own-site",
        "backup-away-from-mirror",
        "backup-network-unused",
        "backup-too-often",
        "backup-without-network",
        "capacity-exceeded",
        "cut-over-before-data",
        "dates-out-of-order",
        "drill-of-nothing",
        "duplicate-link",
        "duplicate-name",
        "engine-name",
        "failed-over-elsewhere",
        "file-name",
        "leaving-without-notice",
        "link-to-itself",
        "memory-exceeded",
        "mirror-at-own-site",
        "module-needs",
        "module-not-offered",
        "module-provided-outside",
        "module-without-product",
        "network-full",
        "network-host-bits",
        "network-not-contained",
        "network-reserved",
        "network-too-small",
        "no-modules",
        "no-route",
        "organisation-unused",
        "out-of-bounds",
        "personal-data-without-agreement",
        "policy-too-wide",
        "published-port-clash",
        "recovery-point-unreachable",
        "recovery-time-unreachable",
        "replaces-itself",
        "review-overdue",
        "same-failure-domain",
        "setting-without-effect",
        "shares-of-nothing",
        "single-point-of-failure",
        "site-ended",
        "site-without-storage",
        "special-category-basis",
        "storage-exceeded",
        "unknown-council",
        "unknown-instance",
        "unknown-module",
        "unknown-site",
    )
)
"""Rules that look at one partnership at a time, and at the module catalogue."""

_MASK = 0xFFFFFF


class Claims(NamedTuple):
    """The uids in a partnership, and the addresses of its networks, first and last, without their first eight bits."""

    uids: list[str]
    addresses: list[tuple[int, int]]


def apart() -> bool:
    """Say whether every rule there is can be told to look across partnerships or not to."""
    return all(rule.RULE in WITHIN or rule.RULE in ACROSS for rule in RULES)


def claims(definitions: Definitions, folder: Folder) -> Claims:
    """Return what one of the partnerships lays claim to."""
    partnership = folder.partnership
    metadata = [partnership.metadata, *(council.metadata for council in folder.councils)]
    uids = [each.uid for each in metadata if each.uid is not None]
    own = definitions._replace(folders=(folder,))
    return Claims(uids, _merged((each.block.first, each.block.last) for each in networks(own)))


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
