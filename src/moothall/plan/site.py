"""A site's stack: its local network, its network for local access, and the links it holds."""

from __future__ import annotations

from moothall.model.planned import Stack
from moothall.model.resolved import Partnership, Site
from moothall.plan import cross_engine_links, naming, networks


def site_stack(partnership: Partnership, site: Site) -> Stack:
    """Return the stack of one site."""
    name = naming.site_stack(partnership.name, site.name)
    found = [networks.internal(name, "local", site.local, site.declared_at)]
    if site.local_access:
        found.append(networks.local_access(name, site, site.local_access))
    leaving = cross_engine_links.crossing(partnership, site.name)
    if leaving:
        found.append(networks.crossing(name, site, leaving))
    for link in partnership.links.values():
        if not link.ends and networks.link_stack(partnership, link, site.name) == name:
            found.append(networks.internal(name, link.name, link.network, link.declared_at))
    return Stack(
        name=name,
        kind="site",
        unit=site.name,
        site=site.name,
        council=None,
        needs=(),
        networks=tuple(sorted(found, key=lambda network: network.key)),
        volumes=(),
        containers=(),
    )
