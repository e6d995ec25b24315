"""A site's stack: its local network, its network for local access, the links it holds, and the store of logs."""

from __future__ import annotations

from collections.abc import Mapping

from moothall.model.planned import Stack
from moothall.model.resolved import Partnership, Site
from moothall.plan import cross_engine_links, naming, networks, trail


def site_stack(partnership: Partnership, site: Site, images: Mapping[str, str]) -> Stack:
    """Return the stack of one site."""
    logs = partnership.logs if partnership.logs and partnership.logs.site == site.name else None
    name = naming.site_stack(partnership.name, site.name)
    site_networks = [networks.internal_network(name, "local", site.local, site.declared_at)]
    if site.local_access:
        site_networks.append(networks.local_access_network(name, site, site.local_access))
    outgoing_links = cross_engine_links.links_to_other_engines(partnership, site.name)
    if outgoing_links:
        site_networks.append(networks.crossing_network(name, site, outgoing_links))
    for link in partnership.links.values():
        if not link.ends and networks.link_stack(partnership, link, site.name) == name:
            site_networks.append(networks.internal_network(name, link.name, link.network, link.declared_at))
    return Stack(
        name=name,
        kind="site",
        unit=site.name,
        site=site.name,
        council=None,
        needs=tuple(sorted(trail.store_needs(partnership, logs))) if logs else (),
        networks=tuple(sorted(site_networks, key=lambda network: network.key)),
        volumes=(trail.volume(partnership, logs),) if logs else (),
        containers=(trail.store(partnership, logs, images),) if logs else (),
    )
