"""Definitions on one day: defaults filled in, references followed, what is not yet or no longer left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Network
from typing import NamedTuple

from moothall.model.agreed import ExternalUse, PlannedUse, Policy
from moothall.source import Span


@dataclass(frozen=True)
class Site:
    """A site with its networks: the address space, the local network, and that for local access if it has one."""

    name: str
    owner: str
    operator: str
    space: IPv4Network
    local: IPv4Network
    local_access: IPv4Network | None
    transit: bool
    declared_at: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Link:
    """A permitted connection; `name` is derived from its two sites in alphabetical order.

    Where it joins two engines, `ends` holds the address of each site's machine on it, and `ports` those that are chosen
    by hand for what receives.
    """

    name: str
    sites: tuple[str, str]
    network: IPv4Network
    declared_at: Span = field(compare=False, repr=False)
    ends: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)

    def other_site(self, site: str) -> str:
        """Return the other of its two sites."""
        return self.sites[1 - self.sites.index(site)]


@dataclass(frozen=True)
class Backup:
    """Where and how often (seconds) an instance is backed up, and how many full backups are kept, or for how long."""

    site: str
    every_seconds: int
    full_every_seconds: int
    keep_full: int
    keep_days: int | None

    @property
    def kept_seconds(self) -> int:
        """How long a full backup is kept, by age or by the number of those after it."""
        return self.keep_days * 24 * 3600 if self.keep_days else self.keep_full * self.full_every_seconds


class Active(NamedTuple):
    """That an instance is failed over: the site that serves it, since when, on which timeline, and why."""

    site: str
    since: str
    timeline: int
    why: str


@dataclass(frozen=True)
class Instance:
    """A running installation: `networks` holds its own network at every site where a part of it stands.

    A server that a council has for itself in an instance is one of its own (`model.dedicated`).

    `drills` says every how many seconds what is drilled: failover, restore.
    """

    name: str
    title: str
    host: str
    product: str
    primary: str
    mirror: str | None
    sync: bool
    recovery_point_seconds: int | None
    recovery_time_seconds: int | None
    backup: Backup | None
    drills: Mapping[str, int]
    networks: Mapping[str, IPv4Network]
    offers: tuple[str, ...]
    published_port: int | None
    active: Active | None
    declared_at: Span = field(compare=False, repr=False)

    @property
    def servers(self) -> tuple[str, ...]:
        """The sites with a database server and waiting applications: the primary, then the mirror."""
        return (self.primary, *([self.mirror] if self.mirror else []))


@dataclass(frozen=True)
class Module:
    """A module enabled for a tenant, with the Tryton modules that provide it and the model that proves it."""

    name: str
    title: str
    tryton_modules: tuple[str, ...]
    proof_model: str


@dataclass(frozen=True)
class Tenant:
    """One council's use of one instance on the day, with the modules enabled by then.

    `data_owners` names those who answer for the personal data in it.
    """

    council: str
    instance: str
    modules: tuple[Module, ...]
    memory_mb: int
    session_seconds: int
    password_length: int
    share: int
    recovery_point_seconds: int | None
    recovery_time_seconds: int | None
    declared_at: Span = field(compare=False, repr=False)
    data_owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Council:
    """A member with its own network and site."""

    name: str
    uid: str
    title: str
    site: str
    network: IPv4Network
    declared_at: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Logs:
    """The site where the trail is gathered, for how many days each line is kept, and whose gateways send lines.

    `senders` are council and instance of every tenant that stands, whatever was asked for.
    """

    site: str
    keep_days: int
    senders: tuple[tuple[str, str], ...]
    declared_at: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Partnership:
    """One partnership as it stands on `as_of`; `owners` names who owns an organisation that is owned together.

    `identities` holds the uid of every council that stands, `councils` and `tenants` only what was asked for.
    """

    name: str
    title: str
    domain: str
    agreed: date
    as_of: date
    parties: tuple[str, ...]
    owners: Mapping[str, tuple[str, ...]]
    policy: Policy
    sites: Mapping[str, Site]
    links: Mapping[str, Link]
    instances: Mapping[str, Instance]
    identities: Mapping[str, str]
    councils: Mapping[str, Council]
    tenants: tuple[Tenant, ...]
    external: tuple[ExternalUse, ...]
    planned: tuple[PlannedUse, ...]
    logs: Logs | None = None
