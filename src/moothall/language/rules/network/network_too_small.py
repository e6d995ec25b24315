"""network-too-small: a network without room for the containers on it.

The first address is the bridge's, the lower half is kept for fixed addresses, the last is the broadcast address.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.networks import leaves, links
from moothall.model.written import Definitions

RULE = "network-too-small"
SCOPE = Scope.COUNCIL
SMALLEST = 16
"""Addresses of a /28, which leaves seven for containers that the engine places."""


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every leaf and link smaller than a /28."""
    for network in [*links(definitions), *leaves(definitions)]:
        if network.block.size < SMALLEST:
            summary = f"{network.what} is too small"
            detail = (
                f"{network.text} has {network.block.size} of the 16 addresses that are needed: take a /28 or larger."
            )
            yield error(RULE, summary, detail, network.span)
