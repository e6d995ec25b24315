"""A council's stacks: for each of its tenants a relay, gateways and applications, and transit relays on the way.

Per tenant everything is its own, so that joining or leaving restarts nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moothall.model.planned import JOB, SERVICE, WAITING, Attachment, Container, Network, Port, Stack
from moothall.model.resolved import Council, Instance, Link, Partnership, Tenant
from moothall.plan import addresses, certificates, containers, markers, naming, networks
from moothall.plan.config import haproxy, trytond
from moothall.plan.routes import way


def council_stacks(partnership: Partnership, council: Council, images: Mapping[str, str]) -> Iterator[Stack]:
    """Yield the stacks of one council, one for each site where a part of its tenants stands or passes."""
    tenants = [tenant for tenant in partnership.tenants if tenant.council == council.name]
    parts = [part for tenant in tenants for part in _TenantParts(partnership, tenant, images).all()]
    for site in sorted({council.site, *(part.site for part in parts)}):
        here = [part for part in parts if part.site == site]
        own = site == council.site
        yield Stack(
            name=naming.unit_stack(partnership.name, council.name, site),
            kind="council",
            unit=council.name,
            site=site,
            council=council.name,
            needs=tuple(sorted({need for part in here for need in part.needs})),
            networks=(council_network(partnership, council),) if own else (),
            volumes=(),
            containers=tuple(sorted((part.container for part in here), key=lambda container: container.key)),
        )


def council_network(partnership: Partnership, council: Council) -> Network:
    """Return the council's own network."""
    stack = naming.unit_stack(partnership.name, council.name, council.site)
    return networks.internal(stack, "network", council.network, council.because)


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
        self.restart = "no" if self.instance.mirror else "unless-stopped"

    def all(self) -> Iterator[Part]:
        """Yield every container of the tenant."""
        yield self._part(self.council.site, self._relay(), self._relay_links())
        for site in self.instance.servers:
            yield self._part(site, self._application(site), [], self._instance_stack(site))
            yield self._part(site, self._gateway(site), self._gateway_links(site), self._instance_stack(site))
        primary = self.instance.primary
        yield self._part(primary, self._prepare(), [], self._instance_stack(primary))
        for site, passages in self._passages().items():
            yield self._part(site, self._transit(site, passages), [link for p in passages for link in p[1:]])

    def _part(self, site: str, container: Container, links: list[Link], *needs: str) -> Part:
        stacks = {networks.link_stack(self.partnership, link) for link in links}
        own = naming.site_stack(self.partnership.name, site)
        return Part(site, container, tuple(sorted({own, *stacks, *needs})))

    def _instance_stack(self, site: str) -> str:
        return naming.unit_stack(self.partnership.name, self.instance.name, site)

    def _key(self, role: str) -> str:
        return f"{self.instance.name}-{role}"

    def _maker(self, site: str) -> containers.Maker:
        stack = naming.unit_stack(self.partnership.name, self.council.name, site)
        return containers.Maker(stack, self.images, self.council.name, self.instance.name, self.tenant.because)

    def _links(self, site: str) -> tuple[Link, ...]:
        return way(self.partnership, self.council.site, site).links

    def _hop(self, site: str, network: str) -> str:
        return naming.gateway_hop(self.council.name, self.instance.name, site, network)

    # relay

    def _relay_links(self) -> list[Link]:
        return [links[0] for site in self.instance.servers if (links := self._links(site))]

    def _relay(self) -> Container:
        own = naming.engine_name(
            naming.unit_stack(self.partnership.name, self.council.name, self.council.site), "network"
        )
        host = naming.host_name(self.council.name, self.instance.name, self.partnership.domain)
        places = [Attachment(own, "network", (host,)), *map(self._first_network, self.instance.servers)]
        if self._desk():
            places.append(networks.desk_of(self.partnership, self.council.site))
        return self._maker(self.council.site).make(
            containers.PROXY,
            self._key("relay"),
            "relay",
            networks.merged(*places),
            self._relay_files(),
            ports=self._desk_ports(),
        )

    def _first_network(self, site: str) -> Attachment:
        links = self._links(site)
        if links:
            return networks.link_of(self.partnership, links[0])
        return networks.local_of(self.partnership, site)

    def _relay_files(self) -> dict[str, str]:
        client = naming.relay_client(self.council.name, self.instance.name)
        desk = self.partnership.sites[self.council.site].desk
        gateway = addresses.gateway(desk) if desk and self._desk() else None
        return {
            "ca.crt": markers.AUTHORITY,
            "client.pem": markers.certificate(client) + markers.key(client),
            "haproxy.cfg": haproxy.relay(str(self.council.network), gateway, self._gateway_hops()),
        }

    def _gateway_hops(self) -> list[haproxy.GatewayHop]:
        hops = []
        for site in self.instance.servers:
            links = self._links(site)
            host = self._hop(site, links[0].name if links else "local")
            tls_name = naming.gateway(self.council.name, self.instance.name, site)
            hops.append(haproxy.GatewayHop(site, host, tls_name))
        return hops

    def _desk(self) -> bool:
        return certificates.has_desk(self.partnership, self.tenant)

    def _desk_ports(self) -> list[Port]:
        port = self.instance.desk_port
        if not self._desk() or port is None:
            return []
        return [Port(haproxy.DESK_PORT, port, addresses.loopback_twin(self.council.network))]

    # transit relays

    def _passages(self) -> dict[str, list[tuple[str, Link, Link]]]:
        found: dict[str, list[tuple[str, Link, Link]]] = {}
        for site in self.instance.servers:
            for through, before, after in way(self.partnership, self.council.site, site).transits():
                found.setdefault(through, []).append((site, before, after))
        return found

    def _transit(self, through: str, passages: list[tuple[str, Link, Link]]) -> Container:
        places = []
        for site, before, after in passages:
            places.append(networks.link_of(self.partnership, before, self._hop(site, before.name)))
            places.append(networks.link_of(self.partnership, after))
        routes = [
            haproxy.TransitRoute(
                site,
                naming.gateway(self.council.name, self.instance.name, site),
                self._hop(site, after.name),
            )
            for site, _, after in passages
        ]
        sources = sorted({str(before.network) for _, before, _ in passages})
        return self._maker(through).make(
            containers.PROXY,
            self._key("transit"),
            "transit",
            networks.merged(*places),
            {"haproxy.cfg": haproxy.transit(sources, routes)},
        )

    # gateway, application, preparation

    def _gateway_links(self, site: str) -> list[Link]:
        return list(self._links(site)[-1:])

    def _gateway(self, site: str) -> Container:
        links = self._links(site)
        if links:
            door = networks.link_of(self.partnership, links[-1], self._hop(site, links[-1].name))
        else:
            door = networks.local_of(self.partnership, site, self._hop(site, "local"))
        return self._maker(site).make(
            containers.PROXY,
            self._key("gateway"),
            "gateway",
            [networks.instance_of(self.partnership, self.instance.name, site), door],
            self._gateway_files(site),
            restart=self.restart,
        )

    def _gateway_files(self, site: str) -> dict[str, str]:
        council, instance = self.council.name, self.instance.name
        link, user = naming.gateway(council, instance, site), certificates.user_side(council, instance)
        client = naming.relay_client(council, instance)
        return {
            "ca.crt": markers.AUTHORITY,
            "link.pem": markers.certificate(link) + markers.key(link),
            "user.pem": markers.certificate(user) + markers.key(user),
            "haproxy.cfg": haproxy.gateway(
                client, self.database, f"application-{council}", waiting=site != self.instance.primary
            ),
        }

    def _application_files(self) -> dict[str, str]:
        password = markers.secret(self._secret("database-password"))
        return {"ca.crt": markers.AUTHORITY, "trytond.conf": trytond.application(self.database, password)}

    def _application(self, site: str) -> Container:
        waits = site != self.instance.primary
        return self._maker(site).make(
            containers.APPLICATION,
            self._key("application"),
            "application",
            [networks.instance_of(self.partnership, self.instance.name, site, f"application-{self.council.name}")],
            self._application_files(),
            # An application that meets its database as a read-only standby stays broken: it waits unstarted.
            kind=WAITING if waits else SERVICE,
            restart=self.restart,
            environment={"TRYTOND_DATABASE_NAMES": self.database},
            needs=[] if waits else [self._key("prepare")],
        )

    def _prepare(self) -> Container:
        job = certificates.job(self.instance.name)
        files = self._application_files() | {
            "client.crt": markers.certificate(job),
            "client.key": markers.key(job),
            "database-password": markers.secret(self._secret("database-password")),
            "admin-password": markers.secret(self._secret("admin-password")),
            "tenant.json": self._request(),
        }
        return self._maker(self.instance.primary).make(
            containers.PREPARE,
            self._key("prepare"),
            "prepare",
            [networks.instance_of(self.partnership, self.instance.name, self.instance.primary)],
            files,
            kind=JOB,
            restart="no",
            environment={"TRYTOND_DATABASE_NAMES": self.database},
        )

    def _request(self) -> str:
        modules = sorted({name for module in self.tenant.modules for name in module.tryton_modules})
        host = naming.host_name(self.council.name, self.instance.name, self.partnership.domain)
        request = {
            "tenant": self.database,
            "modules": modules,
            "admin_email": f"admin@{host}",
            "company": self.council.title,
        }
        return json.dumps(request, indent=1, sort_keys=True) + "\n"

    def _secret(self, what: str) -> str:
        return markers.tenant_secret(self.council.uid, self.instance.name, what)
