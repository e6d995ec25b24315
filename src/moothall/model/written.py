"""Definitions as people wrote them: one noun for each object of the schemas, nothing filled in.

Names of fields are the YAML keys with `-` as `_`. Values are checked for shape only (JSON Schema), so
references may dangle and networks may overlap: that is for the rules to say. `origin` is never compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from moothall.source import Origin


class Metadata(NamedTuple):
    """`metadata`: the name (may change), the uid (never does; modules have none) and a title for people."""

    name: str
    uid: str | None
    title: str


class Site(NamedTuple):
    """`sites.<name>`: a datacentre or server room with one container engine."""

    name: str
    owner: str
    network: str
    local: str
    desk: str | None
    run_by: str | None
    transit: bool
    origin: Origin


class Link(NamedTuple):
    """`links[n]`: the permitted network connection between two sites."""

    between: tuple[str, str]
    network: str
    origin: Origin


class Mirror(NamedTuple):
    """`instances.<name>.mirror`: the live standby of an instance at another site."""

    site: str
    network: str
    origin: Origin


class Backup(NamedTuple):
    """`instances.<name>.backup`: where backups are kept, how often (a duration) and how many full ones."""

    site: str
    network: str | None
    every: str
    keep_full: int
    origin: Origin


class Instance(NamedTuple):
    """`instances.<name>`: one running installation of a product, hosted by one party at one site."""

    name: str
    title: str | None
    host: str
    site: str
    product: str
    network: str
    desk_port: int | None
    offers: tuple[str, ...]
    mirror: Mirror | None
    backup: Backup | None
    origin: Origin


class Partnership(NamedTuple):
    """One `partnership.yaml`."""

    metadata: Metadata
    agreed: date
    domain: str
    parties: tuple[str, ...]
    sites: Mapping[str, Site]
    links: tuple[Link, ...]
    instances: Mapping[str, Instance]
    origin: Origin


class ModuleUse(NamedTuple):
    """`uses.<instance>.modules.<module>`: one module switched on, with its dates."""

    module: str
    start: date | None
    until: date | None
    planned: bool
    origin: Origin


class Use(NamedTuple):
    """`uses.<instance>`: the council's tenancy of one instance."""

    instance: str
    start: date | None
    until: date | None
    planned: bool
    modules: Mapping[str, ModuleUse]
    origin: Origin


class Council(NamedTuple):
    """One file below `councils/`."""

    metadata: Metadata
    joined: date
    site: str
    network: str
    uses: Mapping[str, Use]
    offered: Mapping[str, tuple[str, ...]]
    origin: Origin


class Module(NamedTuple):
    """One `modules/<name>/module.yaml`: what the module is and which Tryton modules provide it."""

    metadata: Metadata
    service: str
    tryton_modules: tuple[str, ...]
    proof_model: str
    origin: Origin


class Folder(NamedTuple):
    """One partnership with its councils, as far as they could be decoded.

    `unread` names the councils whose files could not be: a reference to one of them is not a mistake.
    """

    partnership: Partnership
    councils: tuple[Council, ...]
    unread: frozenset[str] = frozenset()


class Definitions(NamedTuple):
    """Everything below a root: the partnerships and the module catalogue, and the modules that could not be read."""

    folders: tuple[Folder, ...]
    modules: Mapping[str, Module]
    unread_modules: frozenset[str] = frozenset()
