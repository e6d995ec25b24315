"""What is agreed besides what stands, the same in a resolved partnership and in its plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from moothall.source import Span

DESTROY_AT_MOST = 10
"""Objects that one change may destroy unless a policy says otherwise: the number at which others begin to warn."""


@dataclass(frozen=True)
class PlannedUse:
    """Agreed but not stood up: shown everywhere, stood up nowhere; `start` is a date to come, None without one.

    A tenancy (council and instance), a module of one (and module), a mirror (instance and site) or a site.
    """

    council: str | None
    instance: str | None
    module: str | None
    site: str | None
    start: date | None
    declared_at: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class ExternalUse:
    """A council's use of a service that somebody outside provides; `address` is `host:port`, if it can be asked."""

    council: str
    service: str
    title: str
    provider: str
    modules: tuple[str, ...]
    address: str | None


@dataclass(frozen=True)
class Policy:
    """What a single change may destroy: a number of objects, and the data of the instances named.

    What belongs to the units (councils, instances) and sites named in `ended` is not counted: they are defined and do
    not stand on the day, by their own dates, or are replaced.
    """

    destroy_at_most: int = DESTROY_AT_MOST
    may_lose: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
