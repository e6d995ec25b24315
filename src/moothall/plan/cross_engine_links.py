"""Links between two engines: what receives publishes its port on its machine's link address, what sends dials that.

A link inside one engine is a Docker network that both sides join by name. Between engines there is none: each side has
a network of its own with a way out, and TLS is from end to end as ever. Ports follow from names alone, so that a
joining council changes nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from moothall.model.dedicated import used_instance
from moothall.model.engines import Engines
from moothall.model.planned import Container, Plan, Port
from moothall.model.resolved import Link, Partnership
from moothall.plan.config import pgbackrest, postgres

FIRST_PORT = 10240
LOGS_PORT = 16514
"""Where the store of logs takes lines, and relays on the way to it."""
PORTS = 22528
"""Derived ports end where Linux begins to give out ports of its own (net.ipv4.ip_local_port_range: 32768)."""
_DATABASE = {postgres.LINK_PORT: "server", pgbackrest.LINK_PORT: "backup", LOGS_PORT: "logs"}


def with_link_ends(partnership: Partnership, engines: Engines) -> Partnership:
    """Return the partnership with the ends of those links that join two engines."""
    return replace(partnership, links={name: _with_ends(link, engines) for name, link in partnership.links.items()})


def _with_ends(link: Link, engines: Engines) -> Link:
    port_choices = [engine.ports for site in link.sites for engine in [engines.engine_of(site)] if engine]
    ends = engines.ends(link.name, link.sites)
    return replace(link, ends=ends, ports={name: port for ports in port_choices for name, port in ports.items()})


def links_to_other_engines(partnership: Partnership, site: str) -> list[Link]:
    """Return the links that leave the engine of a site there, by name."""
    return [link for _, link in sorted(partnership.links.items()) if site in link.ends]


def port(partnership: Partnership, link: Link, receiver: str) -> int:
    """Return the port at which a receiver is published."""
    derived_number = int.from_bytes(sha256(f"{partnership.name}/{receiver}".encode()).digest()[:8])
    return link.ports.get(receiver, FIRST_PORT + derived_number % PORTS)


def published_ports(
    partnership: Partnership, site: str, links: Sequence[Link], own_port: int, receiver: str
) -> Iterator[Port]:
    """Yield what a receiver at a site publishes for the links that leave the engine there; `own_port` is its port."""
    addresses = {link.ends[site]: link for link in links if link.ends}
    for address, link in sorted(addresses.items()):
        yield Port(own_port, port(partnership, link, receiver), address)


def hop(partnership: Partnership, link: Link, site: str, alias: str, own_port: int, receiver: str) -> tuple[str, int]:
    """Return the host and port to dial over a link for a receiver at `site`."""
    if link.ends:
        return link.ends[site], port(partnership, link, receiver)
    return alias, own_port


def source(link: Link, site: str) -> str:
    """Return from where connections over a link reach a site: the link's network, or the other machine's address."""
    return f"{link.ends[link.other_site(site)]}/32" if link.ends else str(link.network)


def receivers(plan: Plan) -> Iterator[tuple[str, int, str]]:
    """Yield address, port and name of everything that is published for links between engines."""
    for stack in plan.stacks:
        for container in stack.containers:
            for published_port in container.ports:
                if not published_port.address.startswith("127."):
                    yield published_port.address, published_port.external, _name(container, stack.site, published_port)


def _name(container: Container, site: str, published_port: Port) -> str:
    if container.instance is None:
        return f"{_DATABASE[published_port.internal]}.{site}"
    if container.council is None:
        return f"{_DATABASE[published_port.internal]}.{container.instance}.{site}"
    return f"{container.role}.{container.council}.{used_instance(container.instance or '')}.{site}"
