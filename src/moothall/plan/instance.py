"""An instance's stacks: the primary server, its mirror and backup target, and the database relays between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.model.planned import JOB, Attachment, Container, Mount, Port, Stack, Volume
from moothall.model.resolved import Instance, Link, Partnership
from moothall.plan import (
    addresses,
    containers,
    cross_engine_links,
    database,
    naming,
    networks,
    secret_refs,
    trail,
)
from moothall.plan.config import haproxy, pgbackrest, postgres
from moothall.plan.routes import Route, route

_DATA = Mount("data", "/var/lib/postgresql/data")
_RUN = Mount("run", "/run/postgresql")
_BACKUPS = Mount("backups", "/backup")


def instance_stacks(partnership: Partnership, instance: Instance, images: Mapping[str, str]) -> Iterator[Stack]:
    """Yield the stacks of one instance, one for each site where a part of it stands or passes."""
    for site in instance.networks:
        yield _InstanceSite(partnership, instance, site, images).stack()
    peer = _peer(instance, instance.primary)
    peer_route = route(partnership, instance.primary, peer) if peer else None
    between = trail.sites_between(partnership, instance)
    if peer_route:
        between |= {site for site, _, _ in peer_route.transits()}
    for site in sorted(between - instance.networks.keys()):
        yield database.transit_stack(partnership, instance, images, site, peer_route)


def _peer(instance: Instance, site: str) -> str | None:
    return next((other for other in instance.networks if other != site), None)


def _leaf_files(name: str) -> dict[str, str]:
    return {
        "ca.crt": secret_refs.AUTHORITY,
        "server.crt": secret_refs.certificate(name),
        "server.key": secret_refs.key(name),
    }


def _subject(name: str) -> str:
    """Return the subject of a certificate as PostgreSQL prints it, with the key in use (`keys.certificates`)."""
    return f"OU={name},CN={secret_refs.thumbprint(name)}"


class _InstanceSite:
    """One instance on one site: what stands there and how it is set up."""

    def __init__(self, partnership: Partnership, instance: Instance, site: str, images: Mapping[str, str]) -> None:
        self.partnership = partnership
        self.instance = instance
        self.site = site
        self.peer = _peer(instance, site)
        self.name = naming.unit_stack(partnership.name, instance.name, site)
        self.network = instance.networks[site]
        self.builder = containers.ContainerBuilder(self.name, images, None, instance.name, instance.declared_at)
        self.serves = site in instance.servers
        self.mirrored = instance.mirror is not None
        self.keeps_backups = instance.backup is not None and instance.backup.site == site

    def stack(self) -> Stack:
        """Return the stack."""
        return Stack(
            name=self.name,
            kind="instance",
            unit=self.instance.name,
            site=self.site,
            council=None,
            needs=tuple(sorted(self._needs())),
            networks=(networks.internal_network(self.name, "network", self.network, self.instance.declared_at),),
            volumes=tuple(self._volumes()),
            containers=tuple(sorted(self._containers(), key=lambda container: container.key)),
        )

    def _needs(self) -> set[str]:
        needs = {naming.site_stack(self.partnership.name, self.site)}
        if self.peer:
            needs |= {networks.link_stack(self.partnership, link, self.site) for link in self._route().links}
        for link in trail.links(self.partnership, self.instance, self.site):
            needs.add(networks.link_stack(self.partnership, link, self.site))
        if self.site != self.instance.primary:
            needs.add(naming.unit_stack(self.partnership.name, self.instance.name, self.instance.primary))
            for site, _, _ in self._route().transits():
                needs.add(naming.unit_stack(self.partnership.name, self.instance.name, site))
        return needs

    def _route(self) -> Route:
        assert self.peer is not None
        return route(self.partnership, self.site, self.peer)

    def _volumes(self) -> Iterator[Volume]:
        if self.keeps_backups:
            yield self._volume("backups", data=True, driver_opts={})
        if self.serves:
            yield self._volume("data", data=True, driver_opts={})
            memory = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,uid=900,gid=0,mode=0775"}
            yield self._volume("run", data=False, driver_opts=memory)

    def _volume(self, key: str, *, data: bool, driver_opts: Mapping[str, str]) -> Volume:
        return Volume(key, naming.engine_name(self.name, key), data, driver_opts, self.instance.declared_at)

    def _containers(self) -> Iterator[Container]:
        if self.serves:
            yield self._server()
            if self.instance.backup:
                yield self._agent()
        if self.keeps_backups:
            yield self._repository()
            yield self._first_backup()
        if self._has_relay():
            yield self._database_relay()

    def _has_relay(self) -> bool:
        return self.peer is not None or bool([*trail.forwards(self.partnership, self.instance, self.site)])

    def _own_attachment(self, *aliases: str, address: str | None = None) -> Attachment:
        return Attachment(naming.engine_name(self.name, "network"), "network", aliases, address)

    def _server(self) -> Container:
        role = "primary" if self.site == self.instance.primary else "standby"
        peer_serves = self.peer is not None and self.peer in self.instance.servers
        return self.builder.make(
            containers.server_of(self.instance.name),
            "postgres",
            "postgres",
            [self._own_attachment(self._server_at(self.site))],
            self._server_files() | {"role": f"{role}\n"},
            mounts=[_DATA, _RUN],
            environment={
                "PEER": self._server_at(self.peer) if self.peer and peer_serves else "",
                "SLOT": naming.slot(self.site),
                **self._lines_to(),
            },
            # Made before and taken down after the server: a server that stops sends its last log through it.
            needs=["database-relay"] if self._has_relay() else [],
        )

    def _lines_to(self) -> dict[str, str]:
        """Return where the server sends its lines, for `send-lines`; nothing where they are not gathered."""
        store = trail.sender(self.partnership, self.instance, self.site)
        return {"STORE": f"{store.address}:{store.port}", "STORE_NAME": store.name} if store else {}

    def _server_files(self) -> dict[str, str]:
        instance = self.instance
        relays = [
            addresses.fixed_address(network, naming.DATABASE_RELAY)
            for network in map(instance.networks.__getitem__, instance.servers)
        ]
        servers = [_subject(self._server_at(site)) for site in instance.servers]
        return _leaf_files(self._server_at(self.site)) | {
            "postgresql.conf": postgres.server(
                instance.name,
                archive=instance.backup is not None,
                may_lose=instance.recovery_point_seconds,
                waits_for=self._waits_for(),
            ),
            "pg_hba.conf": postgres.host_based_access(relays if self.mirrored else [], "job"),
            "pg_ident.conf": postgres.identities(servers, "job", _subject(naming.job(instance.name))),
            "pgbackrest.conf": self._agent_config(),
        }

    def _waits_for(self) -> str | None:
        """Return the name under which the mirror follows, if the primary's commits wait for it."""
        waits = self.instance.sync and self.site == self.instance.primary
        return naming.slot(self.peer) if waits and self.peer else None

    def _server_at(self, site: str) -> str:
        return naming.server(self.instance.name, site)

    def _agent_at(self, site: str) -> str:
        return naming.agent(self.instance.name, site)

    def _agent_config(self) -> str:
        return pgbackrest.agent(self.instance.name, naming.repository(self.instance.name))

    def _backup_clients(self, *names: str) -> dict[str, str]:
        """Return the file that says whom a backup service lets in: the holders of these certificates' keys in use."""
        keys = [secret_refs.thumbprint(name) for name in names]
        return {"pgbackrest-clients.conf": pgbackrest.clients(self.instance.name, keys)}

    def _agent(self) -> Container:
        return self.builder.make(
            containers.AGENT,
            "agent",
            "agent",
            [self._own_attachment(self._agent_at(self.site))],
            _leaf_files(self._agent_at(self.site))
            | {"pgbackrest.conf": self._agent_config()}
            | self._backup_clients(naming.repository(self.instance.name)),
            mounts=[Mount(_DATA.volume, _DATA.path, read_only=True), _RUN],
            needs=["postgres"],
        )

    def _repository_files(self) -> dict[str, str]:
        instance = self.instance
        assert instance.backup is not None
        return _leaf_files(naming.repository(instance.name)) | {
            "pgbackrest.conf": pgbackrest.repository(
                instance.name,
                [self._agent_at(site) for site in instance.servers],
                secret_refs.instance_secret(instance.name, "repository-cipher"),
                instance.backup.keep_full,
                instance.backup.keep_days,
            )
        }

    def _agents_and_servers(self) -> Iterator[str]:
        for site in self.instance.servers:
            yield self._agent_at(site)
            yield self._server_at(site)

    def _repository(self) -> Container:
        assert self.instance.backup is not None
        return self.builder.make(
            containers.REPOSITORY,
            "repository",
            "repository",
            [self._own_attachment(naming.repository(self.instance.name))],
            self._repository_files() | self._backup_clients(*self._agents_and_servers()),
            mounts=[_BACKUPS],
            environment={
                "STANZA": self.instance.name,
                "BACKUP_EVERY_SECONDS": str(self.instance.backup.every_seconds),
                "FULL_EVERY_SECONDS": str(self.instance.backup.full_every_seconds),
            },
        )

    def _first_backup(self) -> Container:
        needs = ["repository", *(["database-relay"] if self.peer else [])]
        return self.builder.make(
            containers.FIRST_BACKUP,
            "first-backup",
            "first-backup",
            [self._own_attachment()],
            self._repository_files(),
            kind=JOB,
            restart="no",
            mounts=[_BACKUPS],
            environment={"STANZA": self.instance.name},
            needs=[*needs, *(["agent", "postgres"] if self.serves else [])],
        )

    def _database_relay(self) -> Container:
        about = (self.partnership, self.instance, self.site)
        address = addresses.fixed_address(self.network, naming.DATABASE_RELAY)
        aliases, places, forwards, ports = self._towards_peer()
        return self.builder.make(
            containers.PROXY,
            "database-relay",
            "database-relay",
            networks.merge_attachments(
                self._own_attachment(*aliases, address=address), *places, *trail.attachments(*about)
            ),
            {"haproxy.cfg": haproxy.forwards([*forwards, *trail.forwards(*about)])},
            ports=[*ports, *trail.published_ports(*about)],
        )

    def _towards_peer(self) -> tuple[list[str], list[Attachment], list[haproxy.Forward], list[Port]]:
        """Return what the database relay is for the other site: its aliases here, its places, forwards and ports."""
        if self.peer is None:
            return [], [], [], []
        link = self._route().links[0]
        alias = naming.database_hop(self.instance.name, self.site, link.name)
        return (
            [*self._peer_aliases(self.peer)],
            [networks.link_of(self.partnership, link, self.site, alias)],
            self._forwards(self.peer, link),
            database.published_ports(self.partnership, self.instance, self.site, [link]),
        )

    def _peer_aliases(self, peer: str) -> Iterator[str]:
        if peer in self.instance.servers:
            yield self._server_at(peer)
            yield self._agent_at(peer)
        if self.instance.backup and self.instance.backup.site == peer:
            yield naming.repository(self.instance.name)

    def _forwards(self, peer: str, link: Link) -> list[haproxy.Forward]:
        own_network, source = str(self.network), cross_engine_links.source(link, self.site)
        forwards = []
        if self.mirrored:
            server = haproxy.Server("server", self._server_at(self.site), postgres.PORT)
            hop = database.hop(self.partnership, self.instance, "peer", (peer, link), (self.site, "server"))
            forwards.append(haproxy.Forward("server_out", postgres.PORT, ((own_network, hop),), haproxy.OUTGOING))
            forwards.append(haproxy.Forward("server_in", postgres.LINK_PORT, ((source, server),)))
        if self.instance.backup:
            local = naming.repository(self.instance.name) if self.keeps_backups else self._agent_at(self.site)
            backup_server = haproxy.Server("backup", local, pgbackrest.PORT)
            hop = database.hop(self.partnership, self.instance, "peer", (peer, link), (self.site, "backup"))
            forwards.append(haproxy.Forward("backup_out", pgbackrest.PORT, ((own_network, hop),), haproxy.OUTGOING))
            forwards.append(haproxy.Forward("backup_in", pgbackrest.LINK_PORT, ((source, backup_server),)))
        return forwards
