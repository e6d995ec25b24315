"""The plan: everything that shall stand, one stack for each unit on a site, as plain comparable values.

A plan names secrets and certificates and never holds them: a file's text carries markers such as
`<<secret:tenant/durham/erp/database-password>>` that `deploy` fills in. `because` is the YAML line behind an
object; it is left out of equality and of every resource, so a comment in YAML changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from moothall.source import Span

SERVICE = "service"
JOB = "job"
WAITING = "waiting"


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
    because: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Volume:
    """One Docker volume; `data` volumes are protected and survive `destroy`, the others live in memory."""

    key: str
    name: str
    data: bool
    driver_opts: Mapping[str, str]
    because: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Attachment:
    """A container's place on a network: `own` is the network's key when it is in the same stack."""

    network: str
    own: str | None
    aliases: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True)
class Mount:
    """A volume of the same stack, by key, at a path."""

    volume: str
    path: str
    read_only: bool = False


@dataclass(frozen=True)
class File:
    """A file put below /cfg before the start, mode 0440 root:root; `secret` when a marker in it is."""

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
    """One container. `kind` is service, job (runs once, exit code counts) or waiting (created, not started)."""

    key: str
    name: str
    kind: str
    role: str
    image: str
    user: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    memory_mb: int
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
    because: Span = field(compare=False, repr=False)


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
    """A leaf certificate by name; usages are "server" and "client"."""

    name: str
    common_name: str
    dns_names: tuple[str, ...]
    addresses: tuple[str, ...]
    usages: tuple[str, ...]


@dataclass(frozen=True)
class TenantPlan:
    """How one tenant is reached and proved: names of its containers, its host name, its modules."""

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
    desk_url: str | None
    login: str
    admin_secret: str
    modules: Mapping[str, tuple[str, ...]]
    proof_models: Mapping[str, str]


@dataclass(frozen=True)
class MirrorPlan:
    """A mirror to prove: the container of the primary and of the standby server, and both sites."""

    instance: str
    primary_site: str
    site: str
    primary: str
    standby: str


@dataclass(frozen=True)
class BackupPlan:
    """A backup target to prove: the repository's container, its site and the pgBackRest stanza."""

    instance: str
    site: str
    repository: str
    stanza: str


@dataclass(frozen=True)
class PlannedUse:
    """Agreed but not stood up: shown everywhere, stood up nowhere; `start` is None without a date."""

    council: str
    instance: str
    module: str | None
    start: date | None


@dataclass(frozen=True)
class Plan:
    """The whole compiled partnership on one day."""

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
    planned: tuple[PlannedUse, ...]
