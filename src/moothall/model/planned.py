"""The plan: everything that shall stand, one stack for each unit on a site, as plain comparable values.

A plan names secrets and certificates and never holds them: a file's text carries markers such as
`<<secret:tenant/durham/erp/database-password>>` that `deploy` fills in. `declared_at` is the YAML line behind an
object; it is left out of equality and of every resource, so a comment in YAML changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from moothall.model.agreed import ExternalUse, PlannedUse, Policy
from moothall.model.dedicated import used_instance
from moothall.source import Span

SERVICE = "service"
JOB = "job"
WAITING = "waiting"
FOR_PEOPLE = "user."
"""How the names of certificates begin that people's browsers meet."""
_LEAVES = re.compile(
    r"(?:<<(?:authority|(?:certificate|key):[^>]+)>>)+|(?:\[\w+\]\n)?(?:[^<\n]*<<thumbprint:[^>]+>>[^<\n]*\n)+"
)


@dataclass(frozen=True)
class Network:
    """One Docker network; `key` is its logical name in the stack, `name` the engine's name for it."""

    key: str
    name: str
    subnet: str
    gateway: str
    ip_range: str
    internal: bool
    options: Mapping[str, str]
    declared_at: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Volume:
    """One Docker volume; `data` volumes are protected and survive `destroy`, the others live in memory."""

    key: str
    name: str
    data: bool
    driver_opts: Mapping[str, str]
    declared_at: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Attachment:
    """A container's place on a network: `own` is the network's key when it is in the same stack.

    `made` stands for how a network of another stack is made: whoever is on it is recreated when it is.
    """

    network: str
    own: str | None
    aliases: tuple[str, ...] = ()
    address: str | None = None
    made: str = ""


@dataclass(frozen=True)
class Mount:
    """A volume of the same stack, by key, at a path."""

    volume: str
    path: str
    read_only: bool = False


@dataclass(frozen=True)
class File:
    """A file that the container finds below /cfg, mode 0440 root:root; `secret` when a marker in it is."""

    path: str
    text: str
    secret: bool


@dataclass(frozen=True)
class Port:
    """A port published on a loopback address of the engine's machine."""

    internal: int
    external: int
    address: str


@dataclass(frozen=True)
class Health:
    """The command by which the engine watches a container, and its interval in Go's form ("1m0s")."""

    command: tuple[str, ...]
    interval: str
    start_period: str


@dataclass(frozen=True)
class Container:
    """One container. `kind` is service, job (runs once, exit code counts) or waiting (serves after a failover only).

    `cpu_shares` is its weight where the machine's processors do not suffice, 1024 being Docker's own.
    `renew` is the command that has a running one read its certificates again after they were exchanged under it.
    """

    key: str
    name: str
    kind: str
    role: str
    image: str
    user: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    memory_mb: int
    cpu_shares: int
    shm_mb: int | None
    networks: tuple[Attachment, ...]
    mounts: tuple[Mount, ...]
    tmpfs: Mapping[str, str]
    files: tuple[File, ...]
    ports: tuple[Port, ...]
    health: Health | None
    stop_signal: str
    stop_seconds: int
    restart: str
    needs: tuple[str, ...]
    council: str | None
    instance: str | None
    declared_at: Span = field(compare=False, repr=False)
    renew: tuple[str, ...] = ()

    @property
    def leaf_files(self) -> tuple[str, ...]:
        """The paths of its files made of certificates and their keys alone, or of lines that name their keys.

        A heading may stand above such lines. Certificates are those of the authorities that it trusts, too.
        """
        return tuple(file.path for file in self.files if _LEAVES.fullmatch(file.text))


@dataclass(frozen=True)
class Stack:
    """What one stack holds: a site, an instance on a site or a council on a site; it touches one engine."""

    name: str
    kind: str
    unit: str
    site: str
    council: str | None
    needs: tuple[str, ...]
    networks: tuple[Network, ...]
    volumes: tuple[Volume, ...]
    containers: tuple[Container, ...]


@dataclass(frozen=True)
class Certificate:
    """A leaf certificate by name; usages are "server" and "client".

    Its subject is a common name and, as organisational unit, what tells its key from every other. Without a common name
    it is the other way round: what tells the key is the common name, by which alone pgBackRest knows a client, and the
    certificate's own name is the unit.
    """

    name: str
    common_name: str | None
    dns_names: tuple[str, ...]
    addresses: tuple[str, ...]
    usages: tuple[str, ...]

    @property
    def is_for_people(self) -> bool:
        """Whether people's browsers meet it, and not machines."""
        return self.name.startswith(FOR_PEOPLE)

    def subject(self, thumbprint: str) -> tuple[str, str]:
        """Return its common name and its organisational unit; `thumbprint` is that of its key."""
        return (thumbprint, self.name) if self.common_name is None else (self.common_name, thumbprint)


@dataclass(frozen=True)
class TenantPlan:
    """How one tenant is reached and proved: names of its containers, its host name, its modules.

    `instance` names the server: `used` is the instance that people name, the same unless the council has its own.
    """

    council: str
    instance: str
    council_title: str
    instance_title: str
    database: str
    host_name: str
    network: str
    relay: str
    application: str
    gateway: str
    waiting_application: str | None
    waiting_gateway: str | None
    local_access_url: str | None
    login: str
    admin_secret: str
    modules: Mapping[str, tuple[str, ...]]
    proof_models: Mapping[str, str]

    @property
    def used(self) -> str:
        """The name of the instance in the council's file."""
        return used_instance(self.instance)


@dataclass(frozen=True)
class Active:
    """That an instance is failed over: the site that serves it, since when, on which timeline, and why."""

    site: str
    since: str
    timeline: int
    why: str


@dataclass(frozen=True)
class MirrorPlan:
    """A mirror to prove: both sites as declared, the server's container and its replication slot's name at each.

    The recovery terms are the shortest that anybody has agreed to, in seconds. `active` is there while the instance is
    failed over: then the server at `site` is the primary.
    """

    instance: str
    title: str
    primary_site: str
    site: str
    primary: str
    standby: str
    slots: Mapping[str, str]
    recovery_point_seconds: int | None
    recovery_time_seconds: int | None
    sync: bool
    active: Active | None

    @property
    def serving_site(self) -> str:
        """The site whose server takes writes."""
        return self.active.site if self.active else self.primary_site

    def server(self, site: str) -> str:
        """Return the container of the server at one of the two sites."""
        return self.primary if site == self.primary_site else self.standby

    def other_site(self, site: str) -> str:
        """Return the other of the two sites."""
        return self.site if site == self.primary_site else self.primary_site


@dataclass(frozen=True)
class BackupPlan:
    """A backup target to prove: the repository's container, its site, the pgBackRest stanza, how often (seconds)
    a backup is taken at all and a full one, and for how long full ones are kept."""

    instance: str
    site: str
    repository: str
    stanza: str
    every_seconds: int
    full_every_seconds: int
    kept_seconds: int


@dataclass(frozen=True)
class DrillPlan:
    """A drill that is due again and again: of an instance, a failover or a restore, every so many seconds."""

    instance: str
    kind: str
    every_seconds: int


@dataclass(frozen=True)
class Sender:
    """A database server that sends lines: its container, and of which instance it is."""

    server: str
    instance: str


@dataclass(frozen=True)
class TrailPlan:
    """Where the trail is gathered: the site, the store's container and volume, and for how many days a line is kept.

    `servers` are the database servers, by the names under which they send lines.
    """

    site: str
    store: str
    volume: str
    keep_days: int
    servers: Mapping[str, Sender]


@dataclass(frozen=True)
class Plan:
    """The whole compiled partnership on one day; `approvals` names, for each stack, who has to agree to its change.

    `data_owners` names, for each instance, who else has to when data in it is lost; `identities` holds the uid of each
    council. `former_images` holds the IDs of the images that were built last, by their names without versions.
    """

    partnership: str
    title: str
    domain: str
    agreed: date
    as_of: date
    stacks: tuple[Stack, ...]
    certificates: tuple[Certificate, ...]
    tenants: tuple[TenantPlan, ...]
    mirrors: tuple[MirrorPlan, ...]
    backups: tuple[BackupPlan, ...]
    drills: tuple[DrillPlan, ...]
    external: tuple[ExternalUse, ...]
    planned: tuple[PlannedUse, ...]
    approvals: Mapping[str, tuple[str, ...]]
    identities: Mapping[str, str]
    policy: Policy
    data_owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    former_images: Mapping[str, str] = field(default_factory=dict)
    trail: TrailPlan | None = None

    @cached_property
    def leaves(self) -> Mapping[str, Certificate]:
        """The certificates by name."""
        return {leaf.name: leaf for leaf in self.certificates}

    def servers(self, instance: str) -> tuple[Container, ...]:
        """Return the database servers of an instance."""
        stacks = (stack for stack in self.stacks if stack.kind == "instance" and stack.unit == instance)
        return tuple(c for stack in stacks for c in stack.containers if c.role == "postgres")
