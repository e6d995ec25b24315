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

Subject = tuple[str | None, str | None, str | None, str | None]
"""Council, instance or external service, module, site: as in `PlannedUse`."""


class Turn(NamedTuple):
    """One thing agreed for later, and what becomes of it.

    `declared_at` is a line of the head, or of the base if it is dropped.
    """

    change: str
    subject: Subject
    before: date | None
    after: date | None
    declared_at: Span | None


def turns(base: Plan | None, head: Plan | None) -> tuple[Turn, ...]:
    """Return what changes in what is planned; what stands now although it was planned before is due."""
    before = {_subject(use): use for use in base.planned} if base else {}
    after = {_subject(use): use for use in head.planned} if head else {}
    standing_subjects = set(_standing_subjects(head)) if head else set()
    planned_changes = []
    for subject in sorted(before.keys() | after.keys(), key=lambda subject: tuple(part or "" for part in subject)):
        old, new = before.get(subject), after.get(subject)
        if new is None:
            change = DUE if subject in standing_subjects else DROPPED
        elif old is None:
            change = PLANNED
        else:
            change = DATED
        if old is None or new is None or old.start != new.start:
            declared_at = new.declared_at if new else old.declared_at if old and change == DROPPED else None
            planned_changes.append(
                Turn(change, subject, old.start if old else None, new.start if new else None, declared_at)
            )
    return tuple(planned_changes)


def _subject(use: PlannedUse) -> Subject:
    return use.council, use.instance, use.module, use.site


def _standing_subjects(plan: Plan) -> Iterator[Subject]:
    for stack in plan.stacks:
        if stack.kind == "site":
            yield None, None, None, stack.site
    for mirror in plan.mirrors:
        yield None, mirror.instance, None, mirror.site
    for tenant in plan.tenants:
        yield tenant.council, tenant.used, None, None
        for module in tenant.modules:
            yield tenant.council, tenant.used, module, None
    for use in plan.external:
        yield use.council, use.service, None, None
        for module in use.modules:
            yield use.council, use.service, module, None
