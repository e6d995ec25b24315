"""What passes between an instance's sites: relays and transits for replication and backups, and their ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moothall.model.planned import Attachment, Port, Stack
from moothall.model.resolved import Instance, Link, Partnership
from moothall.plan import containers, cross_engine_links, naming, networks, trail
from moothall.plan.config import haproxy, pgbackrest, postgres
from moothall.plan.routes import Route

_LINK_PORTS = {"server": postgres.LINK_PORT, "backup": pgbackrest.LINK_PORT}


def transit_stack(
    partnership: Partnership, instance: Instance, images: Mapping[str, str], site: str, peer_route: Route | None
) -> Stack:
    """Return the stack of an instance's transit relay at a site between its two sites (the ends of `peer_route`), or on
    the way of its lines to where they are gathered."""
    name = naming.unit_stack(partnership.name, instance.name, site)
    builder = containers.ContainerBuilder(name, images, None, instance.name, instance.declared_at)
    links, places, forwards = _between(partnership, instance, site, peer_route)
    transit = builder.make(
        containers.PROXY,
        "database-transit",
        "database-transit",
        networks.merge_attachments(*places, *trail.attachments(partnership, instance, site)),
        {"haproxy.cfg": haproxy.forwards([*forwards, *trail.forwards(partnership, instance, site)])},
        ports=[
            *published_ports(partnership, instance, site, links),
            *trail.published_ports(partnership, instance, site),
        ],
    )
    links = [*links, *trail.links(partnership, instance, site)]
    needs = {networks.link_stack(partnership, link, site) for link in links}
    return Stack(
        name=name,
        kind="instance",
        unit=instance.name,
        site=site,
        council=None,
        needs=tuple(sorted(needs | {naming.site_stack(partnership.name, site)})),
        networks=(),
        volumes=(),
        containers=(transit,),
    )


def _between(
    partnership: Partnership, instance: Instance, site: str, peer_route: Route | None
) -> tuple[list[Link], list[Attachment], list[haproxy.Forward]]:
    """Return what a transit relay is for the instance's two sites: links, places, forwards; nothing off their way."""
    passage = next((p for p in peer_route.transits() if p[0] == site), None) if peer_route else None
    if peer_route is None or passage is None:
        return [], [], []
    _, before, after = passage
    start, end = peer_route.sites[0], peer_route.sites[-1]
    places = [
        networks.link_of(partnership, before, site, naming.database_hop(instance.name, end, before.name)),
        networks.link_of(partnership, after, site, naming.database_hop(instance.name, start, after.name)),
    ]
    return [before, after], places, _transit_forwards(partnership, instance, site, (start, before), (end, after))


def _flows(instance: Instance) -> list[tuple[str, int]]:
    """Return what passes between an instance's sites, each with the port that relays and transits listen on."""
    server_flows = [("server", _LINK_PORTS["server"])] if instance.mirror else []
    return server_flows + ([("backup", _LINK_PORTS["backup"])] if instance.backup else [])


def published_ports(partnership: Partnership, instance: Instance, site: str, links: Sequence[Link]) -> list[Port]:
    """Return the ports at which the database relay or transit of a site is reached from other engines."""
    return [
        port
        for flow, own_port in _flows(instance)
        for port in cross_engine_links.published_ports(
            partnership, site, links, own_port, naming.database_end(flow, instance.name, site)
        )
    ]


def _transit_forwards(
    partnership: Partnership, instance: Instance, site: str, start_link: tuple[str, Link], end_link: tuple[str, Link]
) -> list[haproxy.Forward]:
    return [
        haproxy.Forward(
            flow,
            port,
            (
                (
                    cross_engine_links.source(start_link[1], site),
                    hop(partnership, instance, f"to_{end_link[0]}", end_link, (site, flow)),
                ),
                (
                    cross_engine_links.source(end_link[1], site),
                    hop(partnership, instance, f"to_{start_link[0]}", start_link, (site, flow)),
                ),
            ),
        )
        for flow, port in _flows(instance)
    ]


def hop(
    partnership: Partnership, instance: Instance, name: str, next_link: tuple[str, Link], flow_at_site: tuple[str, str]
) -> haproxy.Server:
    """Return the server to dial over `next_link` (the site it leads to, and the link) for a flow.

    `flow_at_site` is the site from which it is dialled, and what passes: server or backup.
    """
    (site, link), (from_site, flow) = next_link, flow_at_site
    to_site = link.other_site(from_site)
    alias = naming.database_hop(instance.name, site, link.name)
    receiver = naming.database_end(flow, instance.name, to_site)
    return haproxy.Server(name, *cross_engine_links.hop(partnership, link, to_site, alias, _LINK_PORTS[flow], receiver))
