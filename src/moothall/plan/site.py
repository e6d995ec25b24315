"""A site's stack: its local network, its network for local access, and the links it holds."""

from __future__ import annotations

from moothall.model.planned import Stack
from moothall.model.resolved import Partnership, Site
from moothall.plan import cross_engine_links, naming, networks


def site_stack(partnership: Partnership, site: Site) -> Stack:
    """Return the stack of one site."""
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
        needs=(),
        networks=tuple(sorted(site_networks, key=lambda network: network.key)),
        volumes=(),
        containers=(),
    )
