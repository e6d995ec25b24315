"""The networks of a plan: one CIDR is one Docker network, and every container's place on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Network

from moothall.model.planned import Attachment, Network, Stack
from moothall.model.resolved import Link, Partnership, Site
from moothall.plan import addresses, naming
from moothall.source import Span

CROSSING = "crossing"
"""The key of a site's network towards other engines."""
LOCAL_ACCESS = "desk"
"""The key of a site's network for local access, by an older word of the language: it is in the name of the Docker
network and in its URN, so that another one would recreate what stands.
"""

_SEALED_OPTIONS = {
    # Otherwise the bridge has the gateway's address, and with it every service of the engine's machine.
    "com.docker.network.bridge.inhibit_ipv4": "true",
}
_LOCAL_ACCESS_OPTIONS = {
    # Published ports need a bridge that is not internal; without masquerade nothing on it gets out, and
    # without inter-container communication the relays on it do not see each other.
    "com.docker.network.bridge.enable_ip_masquerade": "false",
    "com.docker.network.bridge.enable_icc": "false",
    "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
}


def internal_network(stack: str, key: str, subnet: IPv4Network, declared_at: Span) -> Network:
    """Return a network without a way out, on which the engine's machine has no address either."""
    return _network(stack, key, subnet, declared_at, _SEALED_OPTIONS, is_internal=True)


def local_access_network(stack: str, site: Site, subnet: IPv4Network) -> Network:
    """Return a site's network for local access: through it people at the engine's machine reach relays."""
    return _network(stack, LOCAL_ACCESS, subnet, site.declared_at, _LOCAL_ACCESS_OPTIONS, is_internal=False)


def crossing_network(stack: str, site: Site, links: Sequence[Link]) -> Network:
    """Return the network of a site from which links that leave its engine are reached; there is one for all of them.

    A container has one way out, and what it publishes goes through that: the network whose name comes first, which this
    must be (its key comes before `LOCAL_ACCESS`). It lies at the first of the links' networks, which no other network
    of the engine uses.
    """
    machine_addresses = {link.ends[site.name] for link in links}
    options = {"com.docker.network.bridge.enable_icc": "false"}
    if len(machine_addresses) == 1:  # else each link has its own, which only masquerading knows to choose
        options["com.docker.network.host_ipv4"] = machine_addresses.pop()
    return _network(stack, CROSSING, links[0].network, links[0].declared_at, options, is_internal=False)


def _network(
    stack: str, key: str, subnet: IPv4Network, declared_at: Span, options: Mapping[str, str], *, is_internal: bool
) -> Network:
    return Network(
        key=key,
        name=naming.engine_name(stack, key),
        subnet=str(subnet),
        gateway=addresses.gateway(subnet),
        ip_range=addresses.dynamic_range(subnet),
        internal=is_internal,
        options=options,
        declared_at=declared_at,
    )


def local_of(partnership: Partnership, site: str, *aliases: str) -> Attachment:
    """Return a place on a site's local network, which the site's own stack holds."""
    return Attachment(naming.engine_name(naming.site_stack(partnership.name, site), "local"), None, aliases)


def local_access_of(partnership: Partnership, site: str) -> Attachment:
    """Return a place on a site's network for local access."""
    return Attachment(naming.engine_name(naming.site_stack(partnership.name, site), LOCAL_ACCESS), None)


def link_of(partnership: Partnership, link: Link, site: str, *aliases: str) -> Attachment:
    """Return the place on a link of a container at a site; nobody calls by name what is on another engine."""
    stack = link_stack(partnership, link, site)
    if link.ends:
        return Attachment(naming.engine_name(stack, CROSSING), None)
    return Attachment(naming.engine_name(stack, link.name), None, aliases)


def link_stack(partnership: Partnership, link: Link, site: str) -> str:
    """Return the stack that holds a link's network for a site: that of the first of its two sites.

    Of a link between engines each side holds its own.
    """
    return naming.site_stack(partnership.name, site if site in link.ends else link.sites[0])


def instance_of(partnership: Partnership, instance: str, site: str, *aliases: str) -> Attachment:
    """Return a place, seen from another stack, on an instance's network at a site."""
    return Attachment(naming.engine_name(naming.unit_stack(partnership.name, instance, site), "network"), None, aliases)


def with_network_digests(stacks: Sequence[Stack]) -> tuple[Stack, ...]:
    """Return the stacks with it noted, for every place on a network of another stack, how that network is made.

    A network cannot be changed, only recreated, and then nobody is on it any more: its users are recreated as well.
    """
    digests = {network.name: _definition_digest(network) for stack in stacks for network in stack.networks}

    def with_digest(place: Attachment) -> Attachment:
        return place if place.own else replace(place, made=digests[place.network])

    return tuple(
        replace(
            stack,
            containers=tuple(
                replace(container, networks=tuple(map(with_digest, container.networks)))
                for container in stack.containers
            ),
        )
        for stack in stacks
    )


def _definition_digest(network: Network) -> str:
    definition = [network.subnet, network.gateway, network.ip_range, network.internal, sorted(network.options.items())]
    return hashlib.sha256(json.dumps(definition).encode()).hexdigest()[:12]


def merge_attachments(*attachments: Attachment) -> tuple[Attachment, ...]:
    """Return one attachment for each network, with the aliases of all that were given for it."""
    by_network: dict[str, Attachment] = {}
    for new in attachments:
        old = by_network.get(new.network, new)
        aliases = tuple(sorted({*old.aliases, *new.aliases}))
        by_network[new.network] = Attachment(new.network, new.own or old.own, aliases, new.address or old.address)
    return tuple(by_network.values())
