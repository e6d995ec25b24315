"""What passes between an instance's sites: relays and transits for replication and backups, and their ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moothall.model.planned import Port, Stack
from moothall.model.resolved import Instance, Link, Partnership
from moothall.plan import containers, cross_engine_links, naming, networks
from moothall.plan.config import haproxy, pgbackrest, postgres
from moothall.plan.routes import Route

_LINK_PORTS = {"server": postgres.LINK_PORT, "backup": pgbackrest.LINK_PORT}


def transit_stack(
    partnership: Partnership,
    instance: Instance,
    images: Mapping[str, str],
    found: Route,
    passage: tuple[str, Link, Link],
) -> Stack:
    """Return the stack of an instance's transit relay at a site between; `passage` is the site and the links there."""
    site, before, after = passage
    name = naming.unit_stack(partnership.name, instance.name, site)
    start, end = found.sites[0], found.sites[-1]
    maker = containers.ContainerBuilder(name, images, None, instance.name, instance.declared_at)
    forwards = _transit_forwards(partnership, instance, site, (start, before), (end, after))
    transit = maker.make(
        containers.PROXY,
        "database-transit",
        "database-transit",
        networks.merged(
            networks.link_of(partnership, before, site, naming.database_hop(instance.name, end, before.name)),
            networks.link_of(partnership, after, site, naming.database_hop(instance.name, start, after.name)),
        ),
        {"haproxy.cfg": haproxy.forwards(forwards)},
        ports=published(partnership, instance, site, [before, after]),
    )
    needs = {networks.link_stack(partnership, link, site) for link in (before, after)}
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


def _flows(instance: Instance) -> list[tuple[str, int]]:
    """Return what passes between an instance's sites, each with the port that relays and transits listen on."""
    server = [("server", _LINK_PORTS["server"])] if instance.mirror else []
    return server + ([("backup", _LINK_PORTS["backup"])] if instance.backup else [])


def published(partnership: Partnership, instance: Instance, site: str, links: Sequence[Link]) -> list[Port]:
    """Return the ports at which the database relay or transit of a site is reached from other engines."""
    return [
        port
        for what, inside in _flows(instance)
        for port in cross_engine_links.published(
            partnership, site, links, inside, naming.database_end(what, instance.name, site)
        )
    ]


def _transit_forwards(
    partnership: Partnership, instance: Instance, site: str, back: tuple[str, Link], forth: tuple[str, Link]
) -> list[haproxy.Forward]:
    return [
        haproxy.Forward(
            what,
            port,
            (
                (
                    cross_engine_links.source(back[1], site),
                    hop(partnership, instance, f"to_{forth[0]}", forth, (site, what)),
                ),
                (
                    cross_engine_links.source(forth[1], site),
                    hop(partnership, instance, f"to_{back[0]}", back, (site, what)),
                ),
            ),
        )
        for what, port in _flows(instance)
    ]


def hop(
    partnership: Partnership, instance: Instance, name: str, towards: tuple[str, Link], at: tuple[str, str]
) -> haproxy.Server:
    """Return the next server for what passes (`at`: the site here, and what) towards a site over a link."""
    (site, link), (here, what) = towards, at
    there = link.beyond(here)
    alias = naming.database_hop(instance.name, site, link.name)
    receiver = naming.database_end(what, instance.name, there)
    return haproxy.Server(name, *cross_engine_links.hop(partnership, link, there, alias, _LINK_PORTS[what], receiver))
