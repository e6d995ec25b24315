"""What changes by itself on which day, and what should have been done by now: every date of a partnership."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from moothall.model.days import day_after
from moothall.model.outcome import Event
from moothall.model.units import seconds
from moothall.model.written import Council, External, Folder, Instance, Use
from moothall.resolve.dates import DatedEntry
from moothall.source import Origin

LastDrills = Mapping[tuple[str, str, str], date]
"""When what was drilled last: by the names of partnership and instance, and what it was."""


def calendar(folder: Folder, as_of: date, days: int, last_drills: LastDrills | None = None) -> tuple[Event, ...]:
    """Return what happens or is due from `as_of` on for a number of days, and everything that is overdue, by day."""
    end = day_after(as_of, seconds("1d") * days)
    events = (
        *_declared_events(folder),
        *_drill_events(folder, last_drills or {}),
        *_renewal_events(folder, as_of, end),
    )
    events_in_period = (event for event in events if event.day < end and (event.due or event.day >= as_of))
    return tuple(sorted(events_in_period, key=lambda event: (event.day, event.declared_at, event.description)))


def _declared_events(folder: Folder) -> Iterator[Event]:
    yield from _agreement_events(folder)
    partnership = folder.partnership
    for site in partnership.sites.values():
        yield from _period_events(site, f"site {site.name}", None, site.origin)
    for instance in partnership.instances.values():
        if instance.mirror:
            yield from _period_events(instance.mirror, f"the mirror of {instance.name}", None, instance.mirror.origin)
    services: list[Instance | External] = [*partnership.instances.values(), *partnership.external.values()]
    for service in services:
        if sharing := service.data_sharing:
            description = f"{sharing.agreement} ({service.name}) is reviewed with {sharing.contact}"
            yield Event(sharing.review, description, None, True, sharing.origin.value("review"))
    for waiver in partnership.waivers:
        yield Event(waiver.until, f"{waiver.rule} is waived no more", None, False, waiver.origin.value("until"))
    for council in folder.councils:
        yield from _council_events(folder, council)


def _drill_events(folder: Folder, last_drills: LastDrills) -> Iterator[Event]:
    """Yield when each drill is due; one that never was is due since the agreement."""
    partnership = folder.partnership
    for instance in partnership.instances.values():
        for kind, every in instance.drills.intervals() if instance.drills else ():
            last_drill = last_drills.get((partnership.metadata.name, instance.name, kind))
            due = day_after(last_drill, seconds(every)) if last_drill else partnership.agreed
            description = f"the {kind} of {instance.name} is drilled" + ("" if last_drill else " for the first time")
            assert instance.drills is not None
            yield Event(due, description, None, True, instance.drills.origin.value(kind))


def _renewal_events(folder: Folder, begin: date, end: date) -> Iterator[Event]:
    """Yield the days from which certificates are renewed, which are each year's first (`keys.certificates`)."""
    spec = Origin(folder.partnership.origin.document, ("spec",))
    description = "certificates: the first up from this day renews them, and nothing restarts"
    for year in range(begin.year, end.year + 1):
        yield Event(date(year, 1, 1), description, None, False, spec.value("agreed"))


def _agreement_events(folder: Folder) -> Iterator[Event]:
    partnership = folder.partnership
    spec = Origin(partnership.origin.document, ("spec",))
    if partnership.review:
        yield Event(partnership.review, "the agreement is reviewed", None, True, spec.value("review"))
    if partnership.ends:
        yield Event(partnership.ends, "the agreement is over", None, False, spec.value("ends"))


def _council_events(folder: Folder, council: Council) -> Iterator[Event]:
    name = council.metadata.name
    spec = Origin(council.origin.document, ("spec",))
    yield Event(council.joined, f"{name} joins", name, False, spec.value("joined"))
    if council.leaves:
        yield Event(council.leaves, f"{name} leaves", name, False, spec.value("leaves"))
        if folder.partnership.exit:
            keep_until = day_after(council.leaves, seconds(folder.partnership.exit.keep))
            # Nothing removes data by itself: somebody has to.
            yield Event(keep_until, f"the data of {name} is kept no longer", name, True, spec.value("leaves"))
    for waiver in council.waivers:
        yield Event(waiver.until, f"{waiver.rule} is waived no more", name, False, waiver.origin.value("until"))
    for use in council.uses.values():
        yield from _use_events(council, use)


def _use_events(council: Council, use: Use) -> Iterator[Event]:
    name = council.metadata.name
    yield from _period_events(use, f"{name} in {use.instance}", name, use.origin)
    if use.replaces and use.replaces.data and not use.planned:
        description = f"the data of {use.replaces.system} arrives for {name} in {use.instance}"
        yield Event(use.replaces.data, description, name, False, use.origin.value("replaces", "data"))
    for module in use.modules.values():
        yield from _period_events(module, f"{module.module} for {name} in {use.instance}", name, module.origin)


def _period_events(entry: DatedEntry, description: str, council: str | None, origin: Origin) -> Iterator[Event]:
    if entry.start:
        yield Event(entry.start, f"{description} begins", council, False, origin.value("from"))
    if entry.until:
        yield Event(entry.until, f"{description} ends", council, False, origin.value("until"))
