"""Who may reach what: for every ordered pair of councils, all that is the other's, compiled from the plan alone.

`verify` holds what its probes find against this. A council may reach its own relays, from its own network; what is
another's, nobody reaches: no port, no name, no gateway with its own certificate, no application past its gateway, no
database with its own role, no container's files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from moothall.model.planned import WAITING, Container, Plan, TenantPlan
from moothall.verify.reachability_scan import OWN_PORT, PORTS, own_relays

PORT, NAME, GATEWAY, APPLICATION = "port", "name", "gateway", "application"
DATABASE, FILES = "database", "files"
KINDS = (PORT, NAME, GATEWAY, APPLICATION, DATABASE, FILES)
_LEAF = re.compile(r"<<certificate:([^>]+)>>")


class Edge(NamedTuple):
    """What a council may or may not reach of an owner, by which means (`kind`), and why."""

    council: str
    owner: str
    kind: str
    what: str
    is_allowed: bool
    why: str


def matrix(plan: Plan) -> tuple[Edge, ...]:
    """Return every edge between two councils with a tenant, each council's own included."""
    names = councils(plan)
    return tuple(edge for council in names for owner in names for edge in edges(plan, council, owner))


def councils(plan: Plan) -> tuple[str, ...]:
    """Return the councils that have a tenant, by name."""
    return tuple(sorted({tenant.council for tenant in plan.tenants}))


def edges(plan: Plan, council: str, owner: str) -> Iterator[Edge]:
    """Yield what `council` may and may not reach of what is `owner`'s."""
    is_own = council == owner
    relays = own_relays(plan, council) if is_own else set()
    for container in containers_of(plan, owner):
        for place in container.networks:
            is_door = (container.name, place.network) in relays
            for port in PORTS.get(container.role, ()):
                is_allowed = is_door and port == OWN_PORT
                yield Edge(
                    council,
                    owner,
                    PORT,
                    port_of(container.name, place.network, port),
                    is_allowed,
                    _why(is_own, is_door),
                )
            for name in sorted({container.name, *place.aliases}):
                yield Edge(council, owner, NAME, name, is_door, _why(is_own, is_door))
        if not is_own:
            yield Edge(council, owner, FILES, container.name, False, "a container's files are its own")
    yield from _gateways(plan, council, owner)
    yield from _applications(plan, council, owner)
    yield from _databases(plan, council, owner)


def port_of(container: str, network: str, port: int) -> str:
    """Return how an edge names a port of a container on a network."""
    return f"{container}:{port} on {network}"


def gateway_of(gateway: str, identity: str) -> str:
    """Return how an edge names a gateway to which a certificate is shown."""
    return f"{gateway} to {identity}"


def application_of(application: str, network: str) -> str:
    """Return how an edge names an application that is asked from a network which it shares with others."""
    return f"{application} from {network}"


def containers_of(plan: Plan, council: str) -> tuple[Container, ...]:
    """Return a council's containers."""
    return tuple(container for stack in plan.stacks for container in stack.containers if container.council == council)


def leaf_in(container: Container, path: str) -> str:
    """Return the name of the certificate in a container's file; "" where there is none."""
    matches = (_LEAF.search(file.text) for file in container.files if file.path == path)
    return next((match[1] for match in matches if match), "")


def gateways_of(plan: Plan, council: str) -> tuple[Container, ...]:
    """Return a council's gateways, the waiting ones included."""
    return tuple(c for c in containers_of(plan, council) if c.role == "gateway" and c.kind != WAITING)


def tenants_of(plan: Plan, council: str) -> tuple[TenantPlan, ...]:
    """Return a council's tenants."""
    return tuple(tenant for tenant in plan.tenants if tenant.council == council)


def identity_of(plan: Plan, tenant: TenantPlan) -> str:
    """Return the name of the certificate that a tenant's relay shows to gateways."""
    relay = next(container for container in containers_of(plan, tenant.council) if container.name == tenant.relay)
    return leaf_in(relay, "/cfg/client.pem")


def _gateways(plan: Plan, council: str, owner: str) -> Iterator[Edge]:
    """Yield whether the certificates of the council's relays open the owner's gateways."""
    for tenant in tenants_of(plan, council):
        for gateway in gateways_of(plan, owner):
            is_own = owner == council and gateway.instance == tenant.instance
            why = "its own relay's certificate" if is_own else "a gateway knows the certificate of its own relay alone"
            yield Edge(council, owner, GATEWAY, gateway_of(gateway.name, identity_of(plan, tenant)), is_own, why)


def _applications(plan: Plan, council: str, owner: str) -> Iterator[Edge]:
    """Yield whether the owner's applications serve the council's, which are on the same network."""
    instances = {tenant.instance for tenant in tenants_of(plan, council)} if council != owner else set()
    serving = {tenant.application for tenant in tenants_of(plan, owner) if tenant.instance in instances}
    for container in containers_of(plan, owner):
        for place in container.networks if container.name in serving else ():
            what = application_of(container.name, place.network)
            yield Edge(council, owner, APPLICATION, what, False, "an application serves its own gateway alone")


def _databases(plan: Plan, council: str, owner: str) -> Iterator[Edge]:
    """Yield whether the council's role is let into the owner's database, where both are on one server."""
    for tenant in tenants_of(plan, council):
        for other in tenants_of(plan, owner):
            if tenant.instance == other.instance:
                why = "its own" if council == owner else "a role is let into its own database alone"
                yield Edge(council, owner, DATABASE, f"{other.instance}/{other.database}", council == owner, why)


def _why(is_own: bool, is_door: bool) -> str:
    if is_door:
        return "its own relay, on its own network"
    return "behind its own relay" if is_own else "another council's"
