"""A council's stacks: for each of its tenants a relay, gateways and applications, and transit relays on the way.

Per tenant everything is its own, so that joining or leaving restarts nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from moothall.model.dedicated import used_instance
from moothall.model.planned import JOB, SERVICE, WAITING, Attachment, Container, Network, Port, Stack
from moothall.model.resolved import Council, Instance, Link, Partnership, Tenant
from moothall.plan import (
    addresses,
    certificates,
    containers,
    cross_engine_links,
    naming,
    networks,
    preparation,
    secret_refs,
    trail,
)
from moothall.plan.config import gateway, haproxy, trytond
from moothall.plan.routes import route


def council_stacks(
    partnership: Partnership, council: Council, tenants: Iterable[Tenant], images: Mapping[str, str]
) -> Iterator[Stack]:
    """Yield the stacks of one council with its tenants, one for each site where a part of them stands or passes."""
    parts = [part for tenant in tenants for part in _TenantParts(partnership, tenant, images).all_parts()]
    for site in sorted({council.site, *(part.site for part in parts)}):
        site_parts = [part for part in parts if part.site == site]
        is_council_site = site == council.site
        yield Stack(
            name=naming.unit_stack(partnership.name, council.name, site),
            kind="council",
            unit=council.name,
            site=site,
            council=council.name,
            needs=tuple(sorted({need for part in site_parts for need in part.needs})),
            networks=(council_network(partnership, council),) if is_council_site else (),
            volumes=(),
            containers=tuple(sorted((part.container for part in site_parts), key=lambda container: container.key)),
        )


def council_network(partnership: Partnership, council: Council) -> Network:
    """Return the council's own network."""
    stack = naming.unit_stack(partnership.name, council.name, council.site)
    return networks.internal_network(stack, "network", council.network, council.declared_at)


@dataclass(frozen=True)
class Part:
    """One container of a tenant, the site it stands at, and the stacks that must stand before it."""

    site: str
    container: Container
    needs: tuple[str, ...]


class _TenantParts:
    """What stands up for one tenant."""

    def __init__(self, partnership: Partnership, tenant: Tenant, images: Mapping[str, str]) -> None:
        self.partnership = partnership
        self.tenant = tenant
        self.images = images
        self.council = partnership.councils[tenant.council]
        self.instance: Instance = partnership.instances[tenant.instance]
        self.database = naming.database(tenant.council)
        self.used = used_instance(tenant.instance)

    def all_parts(self) -> Iterator[Part]:
        """Yield every container of the tenant."""
        yield self._part(self.council.site, self._relay(), self._relay_links())
        for site in self.instance.servers:
            # Nothing is committed before a mirror that is waited for is there.
            servers = self.instance.servers if self.instance.sync else (site,)
            yield self._part(site, self._application(site), [], *map(self._instance_stack, servers))
            yield self._part(site, self._gateway(site), self._gateway_links(site), self._instance_stack(site))
        primary = self.instance.primary
        servers = self.instance.servers if self.instance.sync else (primary,)
        yield self._part(primary, self._prepare(), [], *map(self._instance_stack, servers))
        for site, passages in self._passages().items():
            yield self._part(site, self._transit(site, passages), [link for p in passages for link in p[1:]])

    def _part(self, site: str, container: Container, links: list[Link], *needs: str) -> Part:
        stacks = {networks.link_stack(self.partnership, link, site) for link in links}
        site_stack = naming.site_stack(self.partnership.name, site)
        return Part(site, container, tuple(sorted({site_stack, *stacks, *needs})))

    def _instance_stack(self, site: str) -> str:
        return naming.unit_stack(self.partnership.name, self.instance.name, site)

    def _key(self, role: str) -> str:
        return f"{self.used}-{role}"

    def _builder(self, site: str) -> containers.ContainerBuilder:
        stack = naming.unit_stack(self.partnership.name, self.council.name, site)
        return containers.ContainerBuilder(
            stack, self.images, self.council.name, self.instance.name, self.tenant.declared_at
        )

    def _links(self, site: str) -> tuple[Link, ...]:
        return route(self.partnership, self.council.site, site).links

    def _hop(self, site: str, network: str) -> str:
        return naming.gateway_hop(self.council.name, self.used, site, network)

    def _next_hop(self, link: Link, from_site: str, site: str) -> tuple[str, int]:
        """Return the host and port to dial at `from_site` over a link towards the gateway at `site`."""
        to_site, tenant_names = link.other_site(from_site), (self.council.name, self.used)
        receiver = naming.gateway(*tenant_names, site) if to_site == site else naming.transit(*tenant_names, to_site)
        return cross_engine_links.hop(
            self.partnership, link, to_site, self._hop(site, link.name), haproxy.LINK_PORT, receiver
        )

    # relay

    def _relay_links(self) -> list[Link]:
        return [links[0] for site in self.instance.servers if (links := self._links(site))]

    def _relay(self) -> Container:
        council_network_name = naming.engine_name(
            naming.unit_stack(self.partnership.name, self.council.name, self.council.site), "network"
        )
        host = naming.host_name(self.council.name, self.used, self.partnership.domain)
        places = [
            Attachment(council_network_name, "network", (host,)),
            *map(self._first_network, self.instance.servers),
        ]
        if self._has_local_access() and not self._reaches_other_engines():
            places.append(networks.local_access_of(self.partnership, self.council.site))
        return self._builder(self.council.site).make(
            containers.PROXY,
            self._key("relay"),
            "relay",
            networks.merge_attachments(*places),
            self._relay_files(),
            ports=self._published_ports(),
        )

    def _first_network(self, site: str) -> Attachment:
        links = self._links(site)
        if links:
            return networks.link_of(self.partnership, links[0], self.council.site)
        return networks.local_of(self.partnership, site)

    def _reaches_other_engines(self) -> bool:
        """Say whether the relay is on the network towards other engines; then what it publishes goes through that."""
        return any(link.ends for link in self._relay_links())

    def _local_access_gateway(self) -> str | None:
        """Return the address from which the engine's own machine comes to the relay."""
        network = self.partnership.sites[self.council.site].local_access
        if not network or not self._has_local_access():
            return None
        outgoing_links = cross_engine_links.links_to_other_engines(self.partnership, self.council.site)
        return addresses.gateway(outgoing_links[0].network if self._reaches_other_engines() else network)

    def _relay_files(self) -> dict[str, str]:
        client = naming.relay_client(self.council.name, self.used)
        return {
            "ca.crt": secret_refs.AUTHORITY,
            "client.pem": secret_refs.certificate(client) + secret_refs.key(client),
            "haproxy.cfg": haproxy.relay(
                str(self.council.network),
                self._local_access_gateway(),
                self._gateway_hops(),
                secret_refs.thumbprint(client),
            ),
        }

    def _gateway_hops(self) -> list[haproxy.GatewayHop]:
        hops = []
        for site in self.instance.servers:
            links = self._links(site)
            host, port = self._hop(site, "local"), haproxy.LINK_PORT
            if links:
                host, port = self._next_hop(links[0], self.council.site, site)
            tls_name = naming.gateway(self.council.name, self.used, site)
            hops.append(haproxy.GatewayHop(site, host, port, tls_name))
        return hops

    def _has_local_access(self) -> bool:
        return certificates.has_local_access(self.partnership, self.tenant)

    def _published_ports(self) -> list[Port]:
        port = self.instance.published_port
        if not self._has_local_access() or port is None:
            return []
        return [Port(haproxy.LOCAL_ACCESS_PORT, port, addresses.loopback_twin(self.council.network))]

    # transit relays

    def _passages(self) -> dict[str, list[tuple[str, Link, Link]]]:
        passages: dict[str, list[tuple[str, Link, Link]]] = {}
        for site in self.instance.servers:
            for transit_site, before, after in route(self.partnership, self.council.site, site).transits():
                passages.setdefault(transit_site, []).append((site, before, after))
        return passages

    def _transit(self, transit_site: str, passages: list[tuple[str, Link, Link]]) -> Container:
        places = []
        for site, before, after in passages:
            places.append(networks.link_of(self.partnership, before, transit_site, self._hop(site, before.name)))
            places.append(networks.link_of(self.partnership, after, transit_site))
        routes = [
            haproxy.TransitRoute(
                site,
                naming.gateway(self.council.name, self.used, site),
                *self._next_hop(after, transit_site, site),
            )
            for site, _, after in passages
        ]
        sources = sorted({cross_engine_links.source(before, transit_site) for _, before, _ in passages})
        receiver = naming.transit(self.council.name, self.used, transit_site)
        incoming_links = [before for _, before, _ in passages]
        return self._builder(transit_site).make(
            containers.PROXY,
            self._key("transit"),
            "transit",
            networks.merge_attachments(*places),
            {"haproxy.cfg": haproxy.transit(sources, routes)},
            ports=[
                *cross_engine_links.published_ports(
                    self.partnership, transit_site, incoming_links, haproxy.LINK_PORT, receiver
                )
            ],
        )

    # gateway, application, preparation

    def _gateway_links(self, site: str) -> list[Link]:
        return list(self._links(site)[-1:])

    def _gateway(self, site: str) -> Container:
        links = self._links(site)
        if links:
            link_attachment = networks.link_of(self.partnership, links[-1], site, self._hop(site, links[-1].name))
        else:
            link_attachment = networks.local_of(self.partnership, site, self._hop(site, "local"))
        return self._builder(site).make(
            containers.PROXY,
            self._key("gateway"),
            "gateway",
            [networks.instance_of(self.partnership, self.instance.name, site, self._gateway_alias), link_attachment],
            self._gateway_files(site),
            ports=self._gateway_ports(site),
        )

    @property
    def _gateway_alias(self) -> str:
        return f"gateway-{self.council.name}"

    def _gateway_ports(self, site: str) -> list[Port]:
        receiver = naming.gateway(self.council.name, self.used, site)
        return [
            *cross_engine_links.published_ports(
                self.partnership, site, self._gateway_links(site), haproxy.LINK_PORT, receiver
            )
        ]

    def _gateway_source(self, site: str) -> str:
        links = self._links(site)
        return cross_engine_links.source(links[-1], site) if links else str(self.partnership.sites[site].local)

    def _gateway_files(self, site: str) -> dict[str, str]:
        council, instance = self.council.name, self.used
        link, user = naming.gateway(council, instance, site), certificates.user_side(council, instance)
        relay = naming.relay_client(council, instance)
        client = gateway.Client(relay, secret_refs.thumbprint(relay))
        tenant = gateway.Tenant(council, instance, site, self.database, f"application-{council}")
        return {
            "ca.crt": secret_refs.AUTHORITY,
            "link.pem": secret_refs.certificate(link) + secret_refs.key(link),
            "user.pem": secret_refs.certificate(user) + secret_refs.key(user),
            "haproxy.cfg": gateway.configuration(
                self._gateway_source(site), client, tenant, trail.sender(self.partnership, self.instance, site)
            ),
        }

    def _application_files(self, site: str) -> dict[str, str]:
        password = secret_refs.secret(secret_refs.tenant_secret(self.council.uid, self.used, "database-password"))
        server, tenant = naming.server(self.instance.name, site), self.tenant
        settings = trytond.application(server, self.database, password, tenant.session_seconds, tenant.password_length)
        return {"ca.crt": secret_refs.AUTHORITY, "trytond.conf": settings}

    def _application(self, site: str) -> Container:
        is_waiting = site != self.instance.primary
        return self._builder(site).make(
            replace(containers.APPLICATION, memory_mb=self.tenant.memory_mb),
            self._key("application"),
            "application",
            [networks.instance_of(self.partnership, self.instance.name, site, f"application-{self.council.name}")],
            self._application_files(site),
            kind=WAITING if is_waiting else SERVICE,
            environment={"TRYTOND_DATABASE_NAMES": self.database, "GATEWAY": self._gateway_alias},
            needs=[] if is_waiting else [self._key("prepare")],
        )

    def _prepare(self) -> Container:
        return self._builder(self.instance.primary).make(
            containers.PREPARE,
            self._key("prepare"),
            "prepare",
            [networks.instance_of(self.partnership, self.instance.name, self.instance.primary)],
            preparation.files(self.partnership, self.council, self.tenant, self.database),
            kind=JOB,
            restart="no",
            environment={"PGHOST": naming.server(self.instance.name, self.instance.primary)},  # for all that uses libpq
        )
