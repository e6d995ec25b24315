"""Definitions on one day: defaults filled in, references followed, what is not yet or no longer left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Network

from moothall.source import Span


@dataclass(frozen=True)
class Site:
    """A site with its networks: the address space, the local network, and the desk network if it has one."""

    name: str
    owner: str
    operator: str
    space: IPv4Network
    local: IPv4Network
    desk: IPv4Network | None
    transit: bool
    because: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Link:
    """A permitted connection; `name` is derived from its two sites in alphabetical order."""

    name: str
    sites: tuple[str, str]
    network: IPv4Network
    because: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Backup:
    """Where and how often (seconds) an instance is backed up, and how many full backups are kept."""

    site: str
    every_seconds: int
    keep_full: int


@dataclass(frozen=True)
class Instance:
    """A running installation: `networks` holds its own network at every site where a part of it stands."""

    name: str
    title: str
    host: str
    product: str
    primary: str
    mirror: str | None
    backup: Backup | None
    networks: Mapping[str, IPv4Network]
    offers: tuple[str, ...]
    desk_port: int | None
    because: Span = field(compare=False, repr=False)

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
    """One council's use of one instance on the day, with the modules enabled by then."""

    council: str
    instance: str
    modules: tuple[Module, ...]
    because: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Planned:
    """Something agreed but not stood up yet: no date (`start` is None) or a date to come."""

    council: str
    instance: str
    module: str | None
    start: date | None
    because: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Council:
    """A member with its own network and site."""

    name: str
    uid: str
    title: str
    site: str
    network: IPv4Network
    because: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Partnership:
    """One partnership as it stands on `as_of`."""

    name: str
    title: str
    domain: str
    agreed: date
    as_of: date
    sites: Mapping[str, Site]
    links: Mapping[str, Link]
    instances: Mapping[str, Instance]
    councils: Mapping[str, Council]
    tenants: tuple[Tenant, ...]
    planned: tuple[Planned, ...]
