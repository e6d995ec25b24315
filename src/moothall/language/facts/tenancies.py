"""Who uses an instance and when, for the rules that count or compare over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple, Protocol, TypeVar

from moothall.model.written import Council, External, Folder, Instance, Partnership, Use


class Period(Protocol):
    """Something with a first day and, if there is one, the first day on which it is over."""

    @property
    def begins(self) -> date:
        """The first day."""

    @property
    def ends(self) -> date | None:
        """The first day on which it is over, None if it is open."""


S = TypeVar("S", bound=Period)


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


def is_over(period: Period, day: date) -> bool:
    """Say whether something is over on the day."""
    return period.ends is not None and period.ends <= day


def peak(parts: Sequence[S], size: Callable[[S], int]) -> tuple[date, list[S]]:
    """Return the first day on which the total size of the parts is largest, and the parts that exist on that day."""
    changes: Counter[date] = Counter()
    for part in parts:
        if is_over(part, part.begins):
            continue  # what ends before it begins is never there
        changes[part.begins] += size(part)
        if part.ends:
            changes[part.ends] -= size(part)
    days = sorted(changes)
    totals = accumulate(changes[day] for day in days)
    _, day = max(zip(totals, days, strict=True), key=lambda each: each[0], default=(0, date.min))
    return day, [part for part in parts if part.begins <= day and not is_over(part, day)]
