"""Who uses an instance and when, for the rules that count or compare over time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from moothall.model.written import Council, External, Folder, Instance, Partnership, Use


class Tenant(NamedTuple):
    """A council's use of an instance with a first day and, if there is one, the first day on which it is over."""

    council: Council
    use: Use
    begins: date
    ends: date | None


def services(partnership: Partnership) -> dict[str, Instance | External]:
    """Return everything that councils can use: the instances and the external services, by name."""
    return {**partnership.instances, **partnership.external}


def tenants(folder: Folder, instances: Collection[str]) -> Iterator[Tenant]:
    """Yield every use of the named instances or external services that has a date, by council."""
    if not instances:
        return
    for council in folder.councils:
        for use in council.uses.values():
            if use.instance in instances and not use.planned:
                yield Tenant(council, use, use.stands_from(council.joined), use.until or council.leaves)


def over(tenant: Tenant, day: date) -> bool:
    """Say whether a use has ended by the day."""
    return tenant.ends is not None and tenant.ends <= day
