"""Further probes: from inside a relay, with its own certificate, and beside a server, with its tenants' passwords."""

from __future__ import annotations

import re
from functools import partial

from moothall.docker_engine.hardening import SPACE_OF
from moothall.docker_engine.one_off import FOLDER
from moothall.model.planned import Container, Plan, TenantPlan
from moothall.model.roles import PROVISIONER
from moothall.verify.context import VerifyContext, place, planned_container, probe_image
from moothall.verify.probe import Order, Place, ProbeReply, probe
from moothall.verify.reachability_matrix import containers_of, gateways_of, identity_of, leaf_in
from moothall.verify.reachability_scan import PUBLISHED, Target

_PASSWORD = re.compile(r"://[^:]+:<<secret:([^>]+)>>@([^:/]+):([0-9]+)/")
SERVER_ROLES = ("postgres", "database-relay", "database-transit")
SERVER_PORTS = (5432, 15432)
NEXT = ("gateway", "transit")
LINK_CERTIFICATE = "/cfg/link.pem"
IDENTITY = f"{FOLDER}/client.pem"


def probe_inside(context: VerifyContext, container: Container) -> ProbeReply:
    """Return what is reached from inside a relay or transit relay, shared by all tasks that ask.

    Raises `Inconclusive` when the container does not run.
    """
    return context.shared_probe(f"inside {container.name}", partial(_probe_inside, context, container))


def doors(context: VerifyContext) -> tuple[tuple[Target, str], ...]:
    """Return every address of every gateway, and of transit relays for each gateway that they lead to, with its name.

    Each probe inside a relay greets them all.
    """
    names: dict[str, list[str]] = {}
    for council in {tenant.council for tenant in context.plan.tenants}:
        gateways = gateways_of(context.plan, council)
        for gateway in gateways:
            names[gateway.name] = [leaf_in(gateway, LINK_CERTIFICATE)]
        for transit in containers_of(context.plan, council):
            if transit.role == "transit":
                own_gateways = (gateway for gateway in gateways if gateway.instance == transit.instance)
                names[transit.name] = [leaf_in(gateway, LINK_CERTIFICATE) for gateway in own_gateways]
    return tuple((target, name) for target in context.targets for name in names.get(target.container, ()))


def servers(context: VerifyContext) -> tuple[Target, ...]:
    """Return every address at which a database server answers, itself or through its relays."""
    roles = {container.name: container.role for stack in context.plan.stacks for container in stack.containers}
    return tuple(t for t in context.targets if roles.get(t.container) in SERVER_ROLES and t.port in SERVER_PORTS)


def next_hops(plan: Plan, relay: Container) -> dict[str, set[str]]:
    """Return the next hops of a relay or transit relay, each with the networks on which it stands beside it.

    All that is on the way of a tenant is the tenant's own; what is published for links between engines has the
    network "published".
    """
    own_networks = {place.network for place in relay.networks}
    return {
        container.name: (own_networks & {place.network for place in container.networks}) | {PUBLISHED}
        for container in containers_of(plan, relay.council or "")
        if container.instance == relay.instance and container.role in NEXT and container.name != relay.name
    }


def applications(context: VerifyContext, instance: str) -> tuple[Target, ...]:
    """Return an instance's applications where its server is, as whoever stands beside them finds them."""
    names = {tenant.application for tenant in context.plan.tenants if tenant.instance == instance}
    networks = {place.network for name in names for place in planned_container(context.plan, name).networks}
    return tuple(t for t in context.targets if t.container in names and t.network in networks)


def is_hop(target: Target, hops: dict[str, set[str]]) -> bool:
    """Say whether a target is one of the next hops."""
    return target.network in hops.get(target.container, ())


def probe_beside(context: VerifyContext, instance: str) -> ProbeReply:
    """Return what tenants' roles and the provisioner of an instance can do, asked from its applications' network, and
    what each of `applications` does for who knocks at it from there."""
    return context.shared_probe(f"beside {instance}", partial(_probe_beside, context, instance))


def _probe_inside(context: VerifyContext, container: Container) -> ProbeReply:
    """Probe from a container's own view of the network; a transit relay has no certificate to show."""
    identity, vault = leaf_in(container, "/cfg/client.pem"), context.vault
    leaf = context.plan.leaves.get(identity) if identity else None
    targets, gateway_doors, hops = context.targets, doors(context), next_hops(context.plan, container)
    order = Order(
        targets=tuple(target.pair for target in targets),
        controls=tuple(number for number, target in enumerate(targets) if is_hop(target, hops)),
        greetings=tuple((target.address, target.port, name) for target, name in gateway_doors),
        welcomes=tuple(number for number, (target, _) in enumerate(gateway_doors) if leaf and is_hop(target, hops)),
        servers=tuple(number for number, target in enumerate(targets) if target in servers(context)),
        identity=vault.certificate(leaf) + vault.key(leaf) if leaf else "",
        deadline_seconds=90,
    )
    tenant = next(tenant for tenant in context.plan.tenants if tenant.council == container.council)
    own_place = place(context.plan, tenant)
    relay_place = Place(
        own_place.partnership, container.name, SPACE_OF + container.name, own_place.image, own_place.user
    )
    return probe(context.engine_pool.of(container.name), relay_place, order, vault.authority())


def _probe_beside(context: VerifyContext, instance: str) -> ProbeReply:
    """Probe with the roles of an instance, one container for all of them."""
    tenants = [tenant for tenant in context.plan.tenants if tenant.instance == instance]
    application = planned_container(context.plan, tenants[0].application)
    applications_place = Place(
        context.plan.partnership,
        instance,
        application.networks[0].network,
        probe_image(context.plan, application),
        application.user,
    )
    engine = context.engine_pool.of(application.name)
    job = next(
        container
        for stack in context.plan.stacks
        for container in stack.containers
        if container.role == "prepare" and container.instance == instance
    )
    leaf = context.plan.leaves[leaf_in(job, "/cfg/client.crt")]
    roles = [_role(context, tenant, tenants) for tenant in tenants]
    knocked = applications(context, instance)
    answering = tuple(t for t in servers(context) if t.network == applications_place.network)[:1]
    order = Order(
        targets=tuple(target.pair for target in (*knocked, *answering)),
        controls=tuple(range(len(knocked), len(knocked) + len(answering))),
        roles=(*roles, _provisioner(roles[0], tenants)),
        identity=context.vault.certificate(leaf) + context.vault.key(leaf),
        machine=context.machine(engine, applications_place.network),
        deadline_seconds=120,
    )
    return probe(engine, applications_place, order, context.vault.authority())


def _role(context: VerifyContext, tenant: TenantPlan, tenants: list[TenantPlan]) -> dict[str, object]:
    """Return how a tenant's application signs in to its database, read from the application's own settings."""
    application = planned_container(context.plan, tenant.application)
    password_match = next(match for file in application.files if (match := _PASSWORD.search(file.text)))
    label, host, port = password_match.groups()
    return {
        "user": tenant.database,
        "password": context.vault.secret(label),
        "host": host,
        "port": int(port),
        "authority": "/cfg/ca.crt",
        "others": [other.database for other in tenants if other is not tenant],
    }


def _provisioner(role: dict[str, object], tenants: list[TenantPlan]) -> dict[str, object]:
    """Return how the jobs sign in to the server of a tenant's role: with their certificate."""
    server = {name: role[name] for name in ("host", "port", "authority")}
    databases = [tenant.database for tenant in tenants]
    return {**server, "user": PROVISIONER, "identity": IDENTITY, "others": databases}


def identities(plan: Plan, council: str) -> dict[str, str]:
    """Return the certificate of each of a council's relays, by the relay's name."""
    return {tenant.relay: identity_of(plan, tenant) for tenant in plan.tenants if tenant.council == council}
