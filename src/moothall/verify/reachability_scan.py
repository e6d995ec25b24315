"""Which addresses a council must not reach: every address of every container, and what came of trying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from moothall.docker_engine.port import EngineObject
from moothall.docker_engine.stale import LABEL
from moothall.model.planned import Plan

PORTS: Mapping[str, tuple[int, ...]] = {
    "relay": (443, 8443),
    "gateway": (8443,),
    "transit": (8443,),
    "application": (8000,),
    "postgres": (5432,),
    "agent": (8432,),
    "repository": (8432,),
    "database-relay": (5432, 6514, 8432, 15432, 16514, 18432),
    "database-transit": (15432, 16514, 18432),
    "logs": (16514,),
}
"""The ports that the containers of each role listen on."""
ALL_PORTS = tuple(sorted({port for ports in PORTS.values() for port in ports}))
OWN_PORT = 443
PUBLISHED = "published"
"""The network of a target that an engine publishes for links to other engines."""


@dataclass(frozen=True)
class Target:
    """One address and port of a container on a network."""

    container: str
    network: str
    address: str
    port: int

    @property
    def pair(self) -> tuple[str, int]:
        """The address and port to knock at."""
        return (self.address, self.port)


def targets(plan: Plan, summaries: Iterable[EngineObject]) -> tuple[Target, ...]:
    """Return every address and port of the running containers that the plan has, or that stand on its networks.

    `summaries` is the engine's list of containers. A container that the plan does not know is tried on all ports.
    """
    roles = {container.name: container.role for stack in plan.stacks for container in stack.containers}
    networks = {network.name for stack in plan.stacks for network in stack.networks}
    return tuple(
        Target(name, network, address, port)
        for container in summaries
        for name in [container["Names"][0].lstrip("/")]
        if LABEL not in (container.get("Labels") or {})
        if name in roles or networks & container["NetworkSettings"]["Networks"].keys()
        for network, address, port in _doors(container, PORTS.get(roles.get(name, ""), ALL_PORTS))
    )


def _doors(container: EngineObject, ports: tuple[int, ...]) -> Iterator[tuple[str, str, int]]:
    """Yield network, address and port of every way to a container; what is published on loopback is the probe's own."""
    for network, endpoint in sorted(container["NetworkSettings"]["Networks"].items()):
        for port in ports if endpoint.get("IPAddress") else ():
            yield network, endpoint["IPAddress"], port
    for door in container.get("Ports") or ():
        if not door.get("IP", "127.").startswith("127."):
            yield PUBLISHED, door["IP"], door["PublicPort"]


def own_relays(plan: Plan, council: str | None) -> set[tuple[str, str]]:
    """Return a council's relays with the network on which its users reach them."""
    return {(tenant.relay, tenant.network) for tenant in plan.tenants if tenant.council == council}


def breaches(plan: Plan, council: str, outcomes: Iterable[tuple[Target, str]]) -> list[str]:
    """Return what is wrong with what a council reached: others than its own relays, or not even those."""
    own = own_relays(plan, council)
    problems = []
    reached_relays = set()
    for target, outcome in outcomes:
        if (target.container, target.network) in own:
            reached_relays |= {target.container} if target.port == OWN_PORT and outcome in ("open", "closes") else set()
        elif outcome != "silent":
            problems.append(f"{target.container} {deed(outcome)} at {target.address}:{target.port} ({target.network})")
    missing_relays = sorted({relay for relay, _ in own} - reached_relays)
    return problems + [f"its own relay {relay} was not reached, so silence proves nothing" for relay in missing_relays]


def names_beyond(plan: Plan, council: str, addresses: Mapping[str, str]) -> list[str]:
    """Return the names that resolve for a council and are not those of its own relays on its own network."""
    own = {tenant.relay: tenant.network for tenant in plan.tenants if tenant.council == council}
    relays = [container for stack in plan.stacks for container in stack.containers if container.name in own]
    places = [place for relay in relays for place in relay.networks if place.network == own[relay.name]]
    known_names = {*own, *(alias for place in places for alias in place.aliases)}
    return [
        f"the name {name} is known, at {address}"
        for name, address in sorted(addresses.items())
        if name not in known_names
    ]


def deed(outcome: str) -> str:
    """Return what an address did, in words."""
    return {
        "open": "answers",
        "closes": "connects and closes without a byte",
        "refused": "is reached and refuses",
    }[outcome]
