"""network-reserved: a network in a range that the machine or the standards keep for something else."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.blocks import block
from moothall.language.facts.networks import Network, networks
from moothall.model.written import Definitions

RULE = "network-reserved"
SCOPE = Scope.COUNCIL

# RFC 6890 (special-purpose addresses), and the default bridge of a Docker engine.
_RESERVED = tuple(
    (block(text), text, why)
    for text, why in (
        ("0.0.0.0/8", "this network, RFC 791"),
        ("127.0.0.0/8", "loopback, RFC 1122"),
        ("169.254.0.0/16", "link-local, RFC 3927"),
        ("172.17.0.0/16", "docker0, the default bridge of a Docker engine"),
        ("224.0.0.0/4", "multicast, RFC 5771"),
        ("240.0.0.0/4", "reserved, RFC 1112"),
    )
)


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every network in such a range; a leaf is not blamed for its site's address space."""
    for network in networks(definitions):
        reserved_range = _reserved_range(network)
        if reserved_range and not _is_blamed_on_space(network):
            text, why = reserved_range
            summary = f"{network.what} meets {text}, which is not free"
            yield error(RULE, summary, f"{text} is {why}. Choose a network from 10.0.0.0/8.", network.span)


def _reserved_range(network: Network) -> tuple[str, str] | None:
    addresses = network.block
    for range_, text, why in _RESERVED:
        if addresses.overlaps(range_):
            return text, why
    return None


def _is_blamed_on_space(network: Network) -> bool:
    if network.site is None:
        return False
    space = block(network.site.network)
    return space.contains(network.block) and any(space.overlaps(range_) for range_, _, _ in _RESERVED)
