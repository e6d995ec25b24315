"""What changes by itself on which day, and what should have been done by now: every date of a partnership."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from moothall.model.days import later
from moothall.model.outcome import Event
from moothall.model.units import seconds
from moothall.model.written import Council, External, Folder, Instance, Use
from moothall.resolve.dates import Dated
from moothall.source import Origin

Drilled = Mapping[tuple[str, str, str], date]
"""When what was drilled last: by the names of partnership and instance, and what it was."""


def calendar(folder: Folder, as_of: date, days: int, drilled: Drilled | None = None) -> tuple[Event, ...]:
    """Return what happens or is due from `as_of` on for a number of days, and everything that is overdue, by day."""
    end = later(as_of, seconds("1d") * days)
    events = (*_events(folder), *_drills(folder, drilled or {}), *_renewals(folder, as_of, end))
    found = (event for event in events if event.day < end and (event.due or event.day >= as_of))
    return tuple(sorted(found, key=lambda event: (event.day, event.declared_at, event.what)))


def _events(folder: Folder) -> Iterator[Event]:
    yield from _of_agreement(folder)
    partnership = folder.partnership
    for site in partnership.sites.values():
        yield from _period(site, f"site {site.name}", None, site.origin)
    for instance in partnership.instances.values():
        if instance.mirror:
            yield from _period(instance.mirror, f"the mirror of {instance.name}", None, instance.mirror.origin)
    services: list[Instance | External] = [*partnership.instances.values(), *partnership.external.values()]
    for service in services:
        if sharing := service.data_sharing:
            what = f"{sharing.agreement} ({service.name}) is reviewed with {sharing.contact}"
            yield Event(sharing.review, what, None, True, sharing.origin.value("review"))
    for waiver in partnership.waivers:
        yield Event(waiver.until, f"{waiver.rule} is waived no more", None, False, waiver.origin.value("until"))
    for council in folder.councils:
        yield from _of_council(folder, council)


def _drills(folder: Folder, drilled: Drilled) -> Iterator[Event]:
    """Yield when each drill is due; one that never was is due since the agreement."""
    partnership = folder.partnership
    for instance in partnership.instances.values():
        for kind, every in instance.drills.each() if instance.drills else ():
            last = drilled.get((partnership.metadata.name, instance.name, kind))
            due = later(last, seconds(every)) if last else partnership.agreed
            what = f"the {kind} of {instance.name} is drilled" + ("" if last else " for the first time")
            assert instance.drills is not None
            yield Event(due, what, None, True, instance.drills.origin.value(kind))


def _renewals(folder: Folder, begin: date, end: date) -> Iterator[Event]:
    """Yield the days from which certificates are renewed, which are each year's first (`keys.certificates`)."""
    spec = Origin(folder.partnership.origin.document, ("spec",))
    what = "certificates: the first up from this day renews them, and nothing restarts"
    for year in range(begin.year, end.year + 1):
        yield Event(date(year, 1, 1), what, None, False, spec.value("agreed"))


def _of_agreement(folder: Folder) -> Iterator[Event]:
    partnership = folder.partnership
    spec = Origin(partnership.origin.document, ("spec",))
    if partnership.review:
        yield Event(partnership.review, "the agreement is reviewed", None, True, spec.value("review"))
    if partnership.ends:
        yield Event(partnership.ends, "the agreement is over", None, False, spec.value("ends"))


def _of_council(folder: Folder, council: Council) -> Iterator[Event]:
    name = council.metadata.name
    spec = Origin(council.origin.document, ("spec",))
    yield Event(council.joined, f"{name} joins", name, False, spec.value("joined"))
    if council.leaves:
        yield Event(council.leaves, f"{name} leaves", name, False, spec.value("leaves"))
        if folder.partnership.exit:
            kept = later(council.leaves, seconds(folder.partnership.exit.keep))
            # Nothing removes data by itself: somebody has to.
            yield Event(kept, f"the data of {name} is kept no longer", name, True, spec.value("leaves"))
    for waiver in council.waivers:
        yield Event(waiver.until, f"{waiver.rule} is waived no more", name, False, waiver.origin.value("until"))
    for use in council.uses.values():
        yield from _of_use(council, use)


def _of_use(council: Council, use: Use) -> Iterator[Event]:
    name = council.metadata.name
    yield from _period(use, f"{name} in {use.instance}", name, use.origin)
    if use.replaces and use.replaces.data and not use.planned:
        what = f"the data of {use.replaces.system} arrives for {name} in {use.instance}"
        yield Event(use.replaces.data, what, name, False, use.origin.value("replaces", "data"))
    for module in use.modules.values():
        yield from _period(module, f"{module.module} for {name} in {use.instance}", name, module.origin)


def _period(dated: Dated, what: str, council: str | None, origin: Origin) -> Iterator[Event]:
    if dated.start:
        yield Event(dated.start, f"{what} begins", council, False, origin.value("from"))
    if dated.until:
        yield Event(dated.until, f"{what} ends", council, False, origin.value("until"))
