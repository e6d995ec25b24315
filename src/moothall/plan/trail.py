"""The trail: the store at one site that the lines of all gateways and servers go to, and their ways there.

A sender knows its instance's database relay at its site; from there lines go over links as replication does, plain
forwards with TLS from end to end inside. The store knows its senders by their keys, and says of each line whose it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from moothall.model.dedicated import used_instance
from moothall.model.planned import Attachment, Certificate, Container, Mount, Port, Sender, TrailPlan, Volume
from moothall.model.resolved import Instance, Link, Logs, Partnership
from moothall.payloads import text_of
from moothall.plan import addresses, certificates, containers, cross_engine_links, naming, networks, secret_refs
from moothall.plan.config import gateway, haproxy
from moothall.plan.routes import Route, route

PORT = 6514
"""Where a database relay takes lines from its instance's own network."""
LINK_PORT = cross_engine_links.LOGS_PORT
KEY = "logs"
_KEPT = Mount(KEY, "/var/lib/trytond")  # the folder of the image that its user may write


def store_name(site: str) -> str:
    """Return the TLS name of the store at a site."""
    return f"{KEY}.{site}"


def sender(partnership: Partnership, instance: Instance, site: str) -> gateway.Store | None:
    """Return where a sender of an instance at a site finds the store, None if the partnership has none."""
    if partnership.logs is None:
        return None
    relay = addresses.fixed_address(instance.networks[site], naming.DATABASE_RELAY)
    return gateway.Store(relay, PORT, store_name(partnership.logs.site))


def links(partnership: Partnership, instance: Instance, site: str) -> list[Link]:
    """Return the links that lines of an instance take from, or through, a site."""
    passages = _passages(partnership, instance, site)
    return [*_first_links(partnership, instance, site), *(link for passage in passages for link in passage)]


def sites_between(partnership: Partnership, instance: Instance) -> set[str]:
    """Return the sites that lines of an instance pass on their way."""
    return {site for way in _ways(partnership, instance) for site, _, _ in way.transits()}


def attachments(partnership: Partnership, instance: Instance, site: str) -> Iterator[Attachment]:
    """Yield the places on networks that the relay of an instance's lines at a site needs, its own network aside."""
    logs = partnership.logs
    if logs and site in instance.servers and site == logs.site:
        yield networks.local_of(partnership, site)
    for link in _first_links(partnership, instance, site):
        yield networks.link_of(partnership, link, site)
    for before, after in _passages(partnership, instance, site):
        yield networks.link_of(partnership, before, site, _alias(_receiver(partnership, instance, site), before.name))
        yield networks.link_of(partnership, after, site)


def forwards(partnership: Partnership, instance: Instance, site: str) -> Iterator[haproxy.Forward]:
    """Yield what the relay of an instance's lines at a site does: take those from its network, pass on others'."""
    logs = partnership.logs
    if logs and site in instance.servers:
        [*first_link] = _first_links(partnership, instance, site)
        hop = _hop(partnership, instance, site, first_link[0]) if first_link else _local_hop(logs)
        yield haproxy.Forward("logs_out", PORT, ((str(instance.networks[site]), hop),), haproxy.OUTGOING)
    passages = _passages(partnership, instance, site)
    ways = {cross_engine_links.source(b, site): _hop(partnership, instance, site, a) for b, a in passages}
    if ways:
        yield haproxy.Forward("logs_in", LINK_PORT, tuple(sorted(ways.items(), key=lambda way: way[0])))


def published_ports(partnership: Partnership, instance: Instance, site: str) -> Iterator[Port]:
    """Yield the ports at which the relay of an instance's lines at a site is reached from other engines."""
    incoming = [before for before, _ in _passages(partnership, instance, site)]
    receiver = _receiver(partnership, instance, site)
    return cross_engine_links.published_ports(partnership, site, incoming, LINK_PORT, receiver)


def _ways(partnership: Partnership, instance: Instance) -> list[Route]:
    if partnership.logs is None:
        return []
    return [route(partnership, site, partnership.logs.site) for site in instance.servers]


def _first_links(partnership: Partnership, instance: Instance, site: str) -> list[Link]:
    return [way.links[0] for way in _ways(partnership, instance) if way.sites[0] == site and way.links]


def _passages(partnership: Partnership, instance: Instance, site: str) -> list[tuple[Link, Link]]:
    """Return the link before and the link after a site for each way that passes it."""
    return [(b, a) for way in _ways(partnership, instance) for passed, b, a in way.transits() if passed == site]


def _receiver(partnership: Partnership, instance: Instance, site: str) -> str:
    """Return the name of who takes an instance's lines at a site: the store, or a relay."""
    is_store = partnership.logs is not None and site == partnership.logs.site
    return store_name(site) if is_store else naming.database_end(KEY, instance.name, site)


def _alias(receiver: str, network: str) -> str:
    return f"{receiver}.{network}"


def _hop(partnership: Partnership, instance: Instance, site: str, link: Link) -> haproxy.Server:
    to_site = link.other_site(site)
    receiver = _receiver(partnership, instance, to_site)
    alias = _alias(receiver, link.name)
    host, port = cross_engine_links.hop(partnership, link, to_site, alias, LINK_PORT, receiver)
    return haproxy.Server(f"to_{to_site}", host, port)


def _local_hop(logs: Logs) -> haproxy.Server:
    return haproxy.Server(f"to_{logs.site}", _alias(store_name(logs.site), "local"), LINK_PORT)


# the store


def of_store(partnership: Partnership) -> Iterator[Certificate]:
    """Yield the certificate of the store."""
    if partnership.logs:
        name = store_name(partnership.logs.site)
        yield Certificate(name, name, (name,), (), ("server",))


def of_senders(partnership: Partnership) -> Iterator[Certificate]:
    """Yield the certificates of gateways whose lines the store takes, of councils that were not asked for as well."""
    for council, instance in partnership.logs.senders if partnership.logs else ():
        yield from certificates.of_gateways(partnership, council, partnership.instances[instance])


def trail_plan(partnership: Partnership) -> TrailPlan | None:
    """Return what is to be proved of the store."""
    logs = partnership.logs
    if logs is None:
        return None
    stack = naming.site_stack(partnership.name, logs.site)
    servers = {
        naming.server(instance.name, site): Sender(
            naming.engine_name(naming.unit_stack(partnership.name, instance.name, site), "postgres"), instance.name
        )
        for instance in partnership.instances.values()
        for site in instance.servers
    }
    return TrailPlan(logs.site, naming.engine_name(stack, KEY), naming.engine_name(stack, KEY), logs.keep_days, servers)


def volume(partnership: Partnership, logs: Logs) -> Volume:
    """Return what the store keeps."""
    stack = naming.site_stack(partnership.name, logs.site)
    return Volume(KEY, naming.engine_name(stack, KEY), True, {}, logs.declared_at)


def store(partnership: Partnership, logs: Logs, images: Mapping[str, str]) -> Container:
    """Return the store: a program that adds lines to a chain, at the end of every way."""
    name = store_name(logs.site)
    stack = naming.site_stack(partnership.name, logs.site)
    builder = containers.ContainerBuilder(stack, images, None, None, logs.declared_at)
    ends = [
        way.links[-1] if way.links else None for i in partnership.instances.values() for way in _ways(partnership, i)
    ]
    places = [
        networks.link_of(partnership, end, logs.site, _alias(name, end.name))
        if end
        else networks.local_of(partnership, logs.site, _alias(name, "local"))
        for end in ends
    ]
    incoming = [end for end in ends if end]
    return builder.make(
        containers.LOGS,
        KEY,
        KEY,
        networks.merge_attachments(*(_as_own(place, stack) for place in places)),
        {
            "ca.crt": secret_refs.AUTHORITY,
            "store.pem": secret_refs.certificate(name) + secret_refs.key(name),
            "senders": "".join(f"{line}\n" for line in _senders(partnership, logs)),
            "store.py": text_of("trail_store"),
        },
        mounts=[_KEPT],
        environment={"KEEP_DAYS": str(logs.keep_days)},
        ports=[*cross_engine_links.published_ports(partnership, logs.site, incoming, LINK_PORT, name)],
    )


def _as_own(place: Attachment, stack: str) -> Attachment:
    """Return a place on a network as the stack that holds that network has it."""
    holder, _, key = place.network.rpartition(".")
    return replace(place, own=key) if holder == stack else place


def store_needs(partnership: Partnership, logs: Logs) -> set[str]:
    """Return the stacks of other sites that hold the networks of the store."""
    ends = [way.links[-1] for i in partnership.instances.values() for way in _ways(partnership, i) if way.links]
    own = naming.site_stack(partnership.name, logs.site)
    return {networks.link_stack(partnership, link, logs.site) for link in ends} - {own}


def _senders(partnership: Partnership, logs: Logs) -> Iterator[str]:
    """Yield all that may send, as the store reads them: the thumbprint of the key in use, and the name."""
    for instance in partnership.instances.values():
        for site in instance.servers:
            yield _known(naming.server(instance.name, site))
    for council, instance_name in logs.senders:
        for site in partnership.instances[instance_name].servers:
            yield _known(naming.gateway(council, used_instance(instance_name), site))


def _known(name: str) -> str:
    return f"{secret_refs.thumbprint(name)} {name}"
