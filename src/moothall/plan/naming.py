"""Names: of stacks, of objects in them, of places on the network. All derived from ids, never from positions."""

from __future__ import annotations

DATABASE_RELAY = 2
"""The number of the database relay's address in the network of an instance at a site."""


def site_stack(partnership: str, site: str) -> str:
    """Return the name of a site's stack."""
    return f"{partnership}.{site}"


def unit_stack(partnership: str, unit: str, site: str) -> str:
    """Return the name of the stack of an instance or a council (`unit`) on a site."""
    return f"{partnership}.{unit}.{site}"


def engine_name(stack: str, key: str) -> str:
    """Return the container engine's name of a stack's object; dots keep the parts apart."""
    return f"{stack}.{key}"


def database(council: str) -> str:
    """Return the name of a tenant's database and role: PostgreSQL names without a need for quotes."""
    return council.replace("-", "_")


def host_name(council: str, instance: str, domain: str) -> str:
    """Return the name by which a council's people reach their tenant."""
    return f"{council}.{instance}.{domain}"


def gateway(council: str, instance: str, site: str) -> str:
    """Return the TLS name of a tenant's gateway at a site."""
    return f"gateway.{council}.{instance}.{site}"


def gateway_hop(council: str, instance: str, site: str, network: str) -> str:
    """Return the alias, on one network of the way, of the next hop towards a tenant's gateway at `site`."""
    return f"{gateway(council, instance, site)}.{network}"


def transit(council: str, instance: str, site: str) -> str:
    """Return the name of a tenant's transit relay at a site, where links between engines need one."""
    return f"transit.{council}.{instance}.{site}"


def database_end(flow: str, instance: str, site: str) -> str:
    """Return the name of the receiver of a `flow` (server, backup) of an instance at a site: its relay or a transit."""
    return f"{flow}.{instance}.{site}"


def relay_client(council: str, instance: str) -> str:
    """Return the common name with which a tenant's relay shows itself to its gateways."""
    return f"relay.{council}.{instance}"


def database_hop(instance: str, site: str, network: str) -> str:
    """Return the alias, on one link, of the next hop towards an instance's database relay at `site`."""
    return f"database.{instance}.{site}.{network}"


def server(instance: str, site: str) -> str:
    """Return the alias of an instance's database server at a site, and the name of its certificate.

    It is known in the instance's own networks, and names the instance all the same: what a client asks for is in its
    own server's certificate and in no other's. So it is with agents and repositories.
    """
    return f"pg-{site}.{instance}"


def slot(site: str) -> str:
    """Return the name of a site's server as a follower: of its replication slot and its connection."""
    return site.replace("-", "_")


def agent(instance: str, site: str) -> str:
    """Return the alias of an instance's backup agent at a site, and the name of its certificate."""
    return f"agent-{site}.{instance}"


def repository(instance: str) -> str:
    """Return the alias of an instance's backup repository, and the name of its certificate."""
    return f"repository.{instance}"


def job(instance: str) -> str:
    """Return the name of the certificate with which an instance's jobs act as its provisioner."""
    return f"job.{instance}"
