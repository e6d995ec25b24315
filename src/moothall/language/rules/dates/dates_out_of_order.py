"""dates-out-of-order: something ends before it begins, or is not within the time of what it is part of.

A council joins an agreement that has been made and leaves it before it ends, uses an instance while it is a member,
and a module while it uses the instance; a mirror stands while its site does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.order import RULE, Day, check_period, check_within, order_finding
from moothall.language.checks.scope import Scope
from moothall.model.written import Council, Definitions, Instance, ModuleUse, Partnership, Use

__all__ = ["RULE", "SCOPE", "check"]

SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every date that is on the wrong side of another."""
    for folder in definitions.folders:
        partnership = folder.partnership
        agreement_day = Day(partnership.agreed, partnership.origin, ("spec", "agreed"), "agreed here")
        yield from _agreement(partnership, agreement_day)
        for site in partnership.sites.values():
            yield from check_period(site, None, f"site {site.name}")
        for instance in partnership.instances.values():
            yield from _instance(partnership, instance)
        for council in folder.councils:
            yield from _membership(partnership, council, agreement_day)
            yield from _uses(partnership, council)


def _agreement(partnership: Partnership, agreement_day: Day) -> Iterator[Diagnostic]:
    review, ends = partnership.review, partnership.ends
    if review and review < agreement_day.day:
        span = partnership.origin.value("spec", "review")
        yield order_finding("the agreement is reviewed before it is made", review, span, agreement_day)
    if ends and ends <= agreement_day.day:
        yield order_finding(
            "the agreement ends before it begins", ends, partnership.origin.value("spec", "ends"), agreement_day
        )


def _instance(partnership: Partnership, instance: Instance) -> Iterator[Diagnostic]:
    for module in instance.tenants.modules.values() if instance.tenants else ():
        yield from check_period(module, None, f"the use of {module.module}")
    mirror = instance.mirror
    if mirror is None:
        return
    what = f"the mirror of {instance.name}"
    yield from check_period(mirror, None, what)
    if site := partnership.sites.get(mirror.site):
        first = Day(site.start, site.origin, ("from",), "begins here") if site.start else None
        last = Day(site.until, site.origin, ("until",), "ends here") if site.until else None
        yield from check_within(mirror, what, f"site {site.name}", first, last)


def _membership(partnership: Partnership, council: Council, agreement_day: Day) -> Iterator[Diagnostic]:
    name, joined, leaves, notice = council.metadata.name, council.joined, council.leaves, council.notice_given
    if joined < agreement_day.day:
        yield _council_finding(
            council, "joined", joined, f"{name} joins before the partnership is agreed", agreement_day
        )
    if leaves is None and notice is None and partnership.ends is None:
        return
    joining_day = _joining_day(council)
    if leaves and leaves <= joined:
        yield _council_finding(council, "leaves", leaves, f"{name} leaves before it joins", joining_day)
    if notice and notice < joined:
        yield _council_finding(council, "notice-given", notice, f"{name} gives notice before it joins", joining_day)
    if notice and leaves and notice > leaves > joined:
        leaving_day = Day(leaves, council.origin, ("spec", "leaves"), "leaves here")
        yield _council_finding(council, "notice-given", notice, f"{name} gives notice after it leaves", leaving_day)
    end = _end_day(partnership)
    if end and joined >= end.day:
        yield _council_finding(council, "joined", joined, f"{name} joins after the agreement ends", end)
    elif end and leaves and leaves > end.day:
        yield _council_finding(council, "leaves", leaves, f"{name} leaves after the agreement ends", end)


def _council_finding(council: Council, key: str, day: date, summary: str, other: Day) -> Diagnostic:
    return order_finding(summary, day, council.origin.value("spec", key), other)


def _joining_day(council: Council) -> Day:
    return Day(council.joined, council.origin, ("spec", "joined"), "joins here")


def _end_day(partnership: Partnership) -> Day | None:
    """Return the end of the agreement, unless it is wrong in itself."""
    if partnership.ends is None or partnership.ends <= partnership.agreed:
        return None
    return Day(partnership.ends, partnership.origin, ("spec", "ends"), "the agreement ends here")


def _uses(partnership: Partnership, council: Council) -> Iterator[Diagnostic]:
    first, last = _joining_day(council), _end_day(partnership)
    if council.leaves:
        last = Day(council.leaves, council.origin, ("spec", "leaves"), "leaves here")
    for use in council.uses.values():
        modules = [module for module in use.modules.values() if module.start or module.until]
        if modules or use.start or use.until:  # most uses of ten thousand have no days of their own
            whole = f"the membership of {council.metadata.name}"
            yield from check_within(use, f"the use of {use.instance}", whole, first, last)
            yield from _use(partnership.instances.get(use.instance), use, modules, first, last)


def _use(
    instance: Instance | None, use: Use, modules: Sequence[ModuleUse], first: Day, last: Day | None
) -> Iterator[Diagnostic]:
    """Check one use and its modules that have days of their own; `first` and `last` are those of the membership."""
    yield from check_period(use, first, f"the use of {use.instance}")
    shared_uses: Mapping[str, ModuleUse] = instance.tenants.modules if instance and instance.tenants else {}
    begins = Day(use.start, use.origin, ("from",), "begins here") if use.start else first
    ends = Day(use.until, use.origin, ("until",), "ends here") if use.until else last
    for module in modules:
        yield from _module(use, module, shared_uses.get(module.module), begins, ends)


def _module(
    use: Use, module: ModuleUse, shared_use: ModuleUse | None, begins: Day, ends: Day | None
) -> Iterator[Diagnostic]:
    """Check one module of a use; `shared_use` is what the instance says of it for every tenant."""
    first_day = (
        Day(shared_use.start, shared_use.origin, ("from",), "begins here")
        if shared_use and shared_use.start
        else begins
    )
    yield from check_period(module, first_day, f"the use of {module.module}")
    if use.planned:
        yield from _dated_in_planned(use, module)
    else:
        yield from check_within(module, module.module, f"the use of {use.instance}", begins, ends)


def _dated_in_planned(use: Use, module: ModuleUse) -> Iterator[Diagnostic]:
    for key, day in (("from", module.start), ("until", module.until)):
        if day:
            summary = f"{module.module} has a date, but {use.instance} is only planned"
            detail = "Remove the date, or give the instance one."
            related = Label(use.origin.key("planned"), "planned here")
            yield error(RULE, summary, detail, module.origin.key(key), related)
