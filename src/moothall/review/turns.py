"""What becomes planned, gets another date, falls due or is dropped between two plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from moothall.model.agreed import PlannedUse
from moothall.model.planned import Plan
from moothall.source import Span

PLANNED = "planned"
DATED = "dated"
DUE = "due"
DROPPED = "dropped"

What = tuple[str | None, str | None, str | None, str | None]
"""Council, instance or external service, module, site: as in `PlannedUse`."""


class Turn(NamedTuple):
    """One thing agreed for later, and what becomes of it; `because` stands in the head unless it is dropped there."""

    change: str
    what: What
    before: date | None
    after: date | None
    declared_at: Span | None


def turns(base: Plan | None, head: Plan | None) -> tuple[Turn, ...]:
    """Return what changes in what is planned; what stands now although it was planned before is due."""
    before = {_what(use): use for use in base.planned} if base else {}
    after = {_what(use): use for use in head.planned} if head else {}
    stands = set(_standing(head)) if head else set()
    found = []
    for what in sorted(before.keys() | after.keys(), key=lambda what: tuple(part or "" for part in what)):
        old, new = before.get(what), after.get(what)
        if new is None:
            change = DUE if what in stands else DROPPED
        elif old is None:
            change = PLANNED
        else:
            change = DATED
        if old is None or new is None or old.start != new.start:
            declared_at = new.declared_at if new else old.declared_at if old and change == DROPPED else None
            found.append(Turn(change, what, old.start if old else None, new.start if new else None, declared_at))
    return tuple(found)


def _what(use: PlannedUse) -> What:
    return use.council, use.instance, use.module, use.site


def _standing(plan: Plan) -> Iterator[What]:
    for stack in plan.stacks:
        if stack.kind == "site":
            yield None, None, None, stack.site
    for mirror in plan.mirrors:
        yield None, mirror.instance, None, mirror.site
    for tenant in plan.tenants:
        yield tenant.council, tenant.instance, None, None
        for module in tenant.modules:
            yield tenant.council, tenant.instance, module, None
    for use in plan.external:
        yield use.council, use.service, None, None
        for module in use.modules:
            yield use.council, use.service, module, None
