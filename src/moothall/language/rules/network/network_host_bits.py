"""network-host-bits: what is written is an address in a network, not the network."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.networks import networks
from moothall.model.written import Definitions

RULE = "network-host-bits"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every network that does not begin at its first address."""
    for network in networks(definitions):
        network_text = str(network.block)
        if network_text != network.text:
            detail = f"The network that holds this address is {network_text}."
            yield error(RULE, f"{network.text} is not the beginning of a network", detail, network.span)
