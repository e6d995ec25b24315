"""The first of some networks that nobody has."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Network


def next_free_network(candidates: Iterable[IPv4Network], taken_networks: Collection[IPv4Network]) -> IPv4Network | None:
    """Return the first candidate that shares no address with a network that is taken, None where there is none."""
    return next((c for c in candidates if not any(c.overlaps(network) for network in taken_networks)), None)
