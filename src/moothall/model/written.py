"""Definitions as people wrote them: one noun for each object of the schemas, nothing filled in.

Names of fields are the YAML keys with `-` as `_`. Values are checked for shape only (JSON Schema), so
references may dangle and networks may overlap: that is for the rules to say. `origin` is never compared.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from moothall.source import Origin


class Metadata(NamedTuple):
    """`metadata`: the name (may change), the uid (never does; modules have none) and a title for people."""

    name: str
    uid: str | None
    title: str


class Waiver(NamedTuple):
    """`waivers[n]`: the warnings of one rule about this file, accepted until a day."""

    rule: str
    reason: str
    until: date
    origin: Origin


class Organisation(NamedTuple):
    """`organisations.<name>`: a party that is no council; `owned_by` names the councils that own it together."""

    name: str
    title: str
    owned_by: tuple[str, ...]
    origin: Origin


class Site(NamedTuple):
    """`sites.<name>`: a datacentre or server room with one container engine."""

    name: str
    owner: str
    network: str
    local: str
    local_access: str | None
    run_by: str | None
    transit: bool
    start: date | None
    until: date | None
    planned: bool
    replaces: str | None
    failure_domain: str | None
    storage: str | None
    memory: str | None
    origin: Origin


class Link(NamedTuple):
    """`links[n]`: the permitted network connection between two sites."""

    between: tuple[str, str]
    network: str
    origin: Origin

    @property
    def name(self) -> str:
        """The name of the link, whichever of its ends comes first."""
        return f"link-{min(self.between)}-{max(self.between)}"


class Mirror(NamedTuple):
    """`instances.<name>.mirror`: the live standby of an instance at another site."""

    site: str
    network: str
    mode: str | None
    recovery_point: str | None
    recovery_time: str | None
    start: date | None
    until: date | None
    planned: bool
    origin: Origin


class Keep(NamedTuple):
    """`backup.keep`: how many full backups are kept, or for how many days."""

    full: int
    days: int | None


class Backup(NamedTuple):
    """`instances.<name>.backup`: where backups are kept, how often they are taken (durations) and what is kept."""

    site: str
    network: str | None
    every: str
    full_every: str | None
    keep: Keep
    origin: Origin


class Drills(NamedTuple):
    """`instances.<name>.drills`: how often (durations) a failover and a restore are drilled."""

    failover: str | None
    restore: str | None
    origin: Origin

    def intervals(self) -> Iterator[tuple[str, str]]:
        """Yield what is drilled, and how often."""
        for kind, every in (("failover", self.failover), ("restore", self.restore)):
            if every:
                yield kind, every


class ModuleUse(NamedTuple):
    """`modules.<module>`: one module switched on, with its dates and who answers for its personal data."""

    module: str
    start: date | None
    until: date | None
    planned: bool
    data_owner: str | None
    origin: Origin


class Replaced(NamedTuple):
    """`uses.<instance>.replaces`: the old system, and the day by which its data arrives."""

    system: str
    data: date | None


class Tenancy(NamedTuple):
    """What can be set for a tenant at every level: `instances.<name>.tenants`, and in each use of the instance."""

    modules: Mapping[str, ModuleUse]
    memory: str | None
    session: str | None
    password_length: int | None
    share: int | None
    recovery_point: str | None
    recovery_time: str | None
    origin: Origin


class DataSharing(NamedTuple):
    """`data-sharing` of an instance or external service: the agreement under which personal data is shared.

    `basis` and `condition` are those of UK GDPR, articles 6(1) and 9(2).
    """

    agreement: str
    review: date
    basis: str
    condition: str | None
    contact: str
    origin: Origin


class Instance(NamedTuple):
    """`instances.<name>`: one running installation of a product, hosted by one party at one site."""

    name: str
    title: str | None
    host: str
    site: str
    product: str
    network: str
    published_port: int | None
    offers: tuple[str, ...]
    mirror: Mirror | None
    backup: Backup | None
    drills: Drills | None
    capacity: int | None
    storage: str | None
    tenants: Tenancy | None
    data_sharing: DataSharing | None
    origin: Origin


class External(NamedTuple):
    """`external.<name>`: a service that somebody outside provides; `address` is `host:port`, if it can be asked."""

    name: str
    title: str | None
    provider: str
    offers: tuple[str, ...]
    address: str | None
    data_sharing: DataSharing | None
    origin: Origin


class Exit(NamedTuple):
    """`exit`: how long before it leaves a council gives notice, and how long its data is kept (durations)."""

    notice: str
    keep: str


class Cost(NamedTuple):
    """`shares.<instance>`: what the instance costs a year."""

    instance: str
    annual_cost: str
    origin: Origin


class Policy(NamedTuple):
    """`policy`: how many objects one change may destroy, and of which instances the data."""

    destroy_at_most: int | None
    data_loss: tuple[str, ...]
    origin: Origin


class Logs(NamedTuple):
    """`logs`: the site where the trail of the whole partnership is gathered, and how long (a duration) it is kept."""

    site: str
    keep: str
    origin: Origin


class Partnership(NamedTuple):
    """One `partnership.yaml`."""

    metadata: Metadata
    agreed: date
    review: date | None
    ends: date | None
    exit: Exit | None
    domain: str
    parties: tuple[str, ...]
    organisations: Mapping[str, Organisation]
    sites: Mapping[str, Site]
    links: tuple[Link, ...]
    instances: Mapping[str, Instance]
    external: Mapping[str, External]
    shares: Mapping[str, Cost]
    policy: Policy | None
    logs: Logs | None
    waivers: tuple[Waiver, ...]
    origin: Origin


class Use(NamedTuple):
    """`uses.<instance>`: the council's tenancy of one instance, or its use of an external service.

    `tenancy` holds what can also be set for all tenants of the instance. With `dedicated` the tenant has a server of
    its own, on its own `networks` by site; `storage` is the disk space that it takes.
    """

    instance: str
    start: date | None
    until: date | None
    planned: bool
    replaces: Replaced | None
    dedicated: bool
    networks: Mapping[str, str]
    storage: str | None
    tenancy: Tenancy
    origin: Origin

    @property
    def modules(self) -> Mapping[str, ModuleUse]:
        """The modules named in the council's own file."""
        return self.tenancy.modules

    def stands_from(self, joined: date) -> date:
        """Return the first day on which the tenant stands, of a council that `joined` on its own day.

        It is there for the data of the system that it replaces, before the day on which its use begins.
        """
        use_start = self.start or joined
        data_arrival = self.replaces.data if self.replaces else None
        return min(use_start, data_arrival) if data_arrival else use_start


class Council(NamedTuple):
    """One file below `councils/`."""

    metadata: Metadata
    joined: date
    notice_given: date | None
    leaves: date | None
    site: str
    network: str
    uses: Mapping[str, Use]
    offered: Mapping[str, tuple[str, ...]]
    waivers: tuple[Waiver, ...]
    origin: Origin


class Module(NamedTuple):
    """One `modules/<name>/module.yaml`: what the module is and which Tryton modules provide it.

    A module that is `provided` outside has none; only external services offer it.
    """

    metadata: Metadata
    service: str
    personal_data: str | None
    needs: tuple[str, ...]
    provided: str | None
    tryton_modules: tuple[str, ...]
    proof_model: str | None
    origin: Origin


class Active(NamedTuple):
    """`instances.<name>` of an `active.yaml`: the instance is failed over, and this site serves it.

    `since` is a time in ISO 8601, `timeline` that of the server when it took over. Written by `failover` alone.
    """

    instance: str
    site: str
    since: str
    timeline: int
    why: str
    origin: Origin


ANY = "*"
"""Stands among names that could not be read for whatever names there are: where they are, nobody could look."""


class Folder(NamedTuple):
    """One partnership with its councils, as far as they could be decoded.

    `unread_councils` names those whose files could not be: a reference to one of them is not a mistake. `active` says
    which instances are failed over, by name.
    """

    partnership: Partnership
    councils: tuple[Council, ...]
    unread_councils: frozenset[str] = frozenset()
    active: Mapping[str, Active] = MappingProxyType({})


def _same_rank(_: str) -> int:
    return 0


class Definitions(NamedTuple):
    """Everything below a root: the partnerships and the module catalogue, and the modules that could not be read.

    `as_of` is the day on which they are looked at: some things are wrong only after it. `age_rank` gives a larger
    number for the path of a file that came later: of two that cannot both be right that one is named.
    """

    folders: tuple[Folder, ...]
    modules: Mapping[str, Module]
    as_of: date
    unread_modules: frozenset[str] = frozenset()
    age_rank: Callable[[str], int] = _same_rank
