"""network-full: an instance's network has no room for all who use it.

The container engine gives out the upper half of a network without its last address. An instance takes up to
five of them (server, backup agent, repository, first backup, one to spare) and each tenant three (application, gateway,
preparation); those that are only planned count, since they will come. A council's own server has one tenant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import inf

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.blocks import block
from moothall.language.facts.dedicated import dedicated_servers
from moothall.language.rules.network.network_too_small import SMALLEST
from moothall.model.written import Definitions, Instance
from moothall.source import Span

RULE = "network-full"
SCOPE = Scope.PARTNERSHIP
_OF_INSTANCE = 5
_OF_TENANT = 3
_DETAIL = "Choose a larger network: each step down in the prefix doubles it."


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every network of an instance or a mirror with too few addresses for its tenants."""
    tenants = Counter(
        (id(folder), use.instance)
        for folder, council in symbols.all_councils(definitions)
        for use in council.uses.values()
        if not use.dedicated
    )
    for folder, instance in symbols.all_instances(definitions):
        number = tenants[id(folder), instance.name]
        for text, span in _networks(instance):
            room = _room(text)
            if number > room:
                summary = f"{text} has room for {room} tenants of {instance.name}, and there are {number}"
                yield error(RULE, summary, _DETAIL, span)
    for folder in definitions.folders:
        for server in dedicated_servers(folder):
            for site, text in server.use.networks.items():
                if _room(text) < 1:
                    yield error(
                        RULE,
                        f"{text} has no room for {server.whose}",
                        _DETAIL,
                        server.use.origin.value("networks", site),
                    )


def _room(text: str) -> float:
    """Return for how many tenants a network has room; without end for what is too small for anything."""
    size = block(text).size
    return (size // 2 - 1 - _OF_INSTANCE) // _OF_TENANT if size >= SMALLEST else inf


def _networks(instance: Instance) -> Iterator[tuple[str, Span]]:
    yield instance.network, instance.origin.value("network")
    if instance.mirror:
        yield instance.mirror.network, instance.mirror.origin.value("network")
