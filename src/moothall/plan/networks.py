"""The networks of a plan: one CIDR is one Docker network, and every container's place on them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

from moothall.model.planned import Attachment, Network
from moothall.model.resolved import Link, Partnership, Site
from moothall.plan import addresses, naming
from moothall.source import Span

_DESK_OPTIONS = {
    # Published ports need a bridge that is not internal; without masquerade nothing on it gets out, and
    # without inter-container communication the relays on it do not see each other.
    "com.docker.network.bridge.enable_ip_masquerade": "false",
    "com.docker.network.bridge.enable_icc": "false",
    "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
}


def internal(stack: str, key: str, subnet: IPv4Network, because: Span) -> Network:
    """Return a network without a way out."""
    return _network(stack, key, subnet, because, {}, is_internal=True)


def desk(stack: str, site: Site, subnet: IPv4Network) -> Network:
    """Return a site's desk network: the door through which people at the engine's machine reach relays."""
    return _network(stack, "desk", subnet, site.because, _DESK_OPTIONS, is_internal=False)


def _network(
    stack: str, key: str, subnet: IPv4Network, because: Span, options: Mapping[str, str], *, is_internal: bool
) -> Network:
    return Network(
        key=key,
        name=naming.engine_name(stack, key),
        subnet=str(subnet),
        gateway=addresses.gateway(subnet),
        ip_range=addresses.dynamic(subnet),
        internal=is_internal,
        options=options,
        because=because,
    )


def local_of(partnership: Partnership, site: str, *aliases: str) -> Attachment:
    """Return a place on a site's local network, which the site's own stack holds."""
    return Attachment(naming.engine_name(naming.site_stack(partnership.name, site), "local"), None, aliases)


def desk_of(partnership: Partnership, site: str) -> Attachment:
    """Return a place on a site's desk network."""
    return Attachment(naming.engine_name(naming.site_stack(partnership.name, site), "desk"), None)


def link_of(partnership: Partnership, link: Link, *aliases: str) -> Attachment:
    """Return a place on a link's network."""
    return Attachment(naming.engine_name(link_stack(partnership, link), link.name), None, aliases)


def link_stack(partnership: Partnership, link: Link) -> str:
    """Return the stack that holds a link's network: that of the first of its two sites."""
    return naming.site_stack(partnership.name, link.sites[0])


def instance_of(partnership: Partnership, instance: str, site: str, *aliases: str) -> Attachment:
    """Return a place, seen from another stack, on an instance's network at a site."""
    return Attachment(naming.engine_name(naming.unit_stack(partnership.name, instance, site), "network"), None, aliases)


def merged(*attachments: Attachment) -> tuple[Attachment, ...]:
    """Return one attachment for each network, with the aliases of all that were given for it."""
    found: dict[str, Attachment] = {}
    for new in attachments:
        old = found.get(new.network, new)
        aliases = tuple(sorted({*old.aliases, *new.aliases}))
        found[new.network] = Attachment(new.network, new.own or old.own, aliases, new.address or old.address)
    return tuple(found.values())
