"""The leaf certificates of a plan: who each of them is for, and what it may do."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.dedicated import used_instance
from moothall.model.planned import FOR_PEOPLE, Certificate
from moothall.model.resolved import Council, Instance, Partnership, Tenant
from moothall.plan import addresses, naming

_BOTH = ("client", "server")


def of_instance(instance: Instance) -> Iterator[Certificate]:
    """Yield the certificates of an instance's servers, agents, repository and jobs."""
    for site in instance.servers:
        yield _server_certificate(naming.server(instance.name, site))
        yield _server_certificate(naming.agent(instance.name, site))
    if instance.backup:
        yield _server_certificate(naming.repository(instance.name))
    yield Certificate(naming.job(instance.name), None, (), (), ("client",))


def _server_certificate(name: str) -> Certificate:
    return Certificate(name, None, (name,), (), _BOTH)


def user_side(council: str, instance: str) -> str:
    """Return the name of the certificate that a council's people see."""
    return f"{FOR_PEOPLE}{council}.{instance}"


def of_tenant(partnership: Partnership, tenant: Tenant) -> Iterator[Certificate]:
    """Yield the certificates of a tenant: its relay's, its gateways', and the one its people see."""
    instance, used = partnership.instances[tenant.instance], used_instance(tenant.instance)
    relay = naming.relay_client(tenant.council, used)
    yield Certificate(relay, relay, (), (), ("client",))
    yield from of_gateways(partnership, tenant.council, instance)
    host_name = naming.host_name(tenant.council, used, partnership.domain)
    council: Council = partnership.councils[tenant.council]
    loopback = (addresses.loopback_twin(council.network),) if has_local_access(partnership, tenant) else ()
    yield Certificate(user_side(tenant.council, used), host_name, (host_name,), loopback, ("server",))


def of_gateways(partnership: Partnership, council: str, instance: Instance) -> Iterator[Certificate]:
    """Yield the certificates of a tenant's gateways; where lines are gathered each of them is a client of the store."""
    for site in instance.servers:
        gateway = naming.gateway(council, used_instance(instance.name), site)
        yield Certificate(gateway, gateway, (gateway,), (), _BOTH if partnership.logs else ("server",))


def has_local_access(partnership: Partnership, tenant: Tenant) -> bool:
    """Say whether the tenant is also reached from the engine's own machine, at a loopback address."""
    site = partnership.sites[partnership.councils[tenant.council].site]
    return site.local_access is not None and partnership.instances[tenant.instance].published_port is not None
