"""Stacks that stand and are in no plan any more: what may go, and what is refused because only its file is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from moothall.model.dedicated import may_be_left
from moothall.model.planned import Plan
from moothall.model.stackname import parts


@dataclass(frozen=True)
class Orphans:
    """Stacks to take down because their unit has nothing there any more, and units whose definition is gone."""

    stacks: tuple[str, ...]
    orphans: dict[str, tuple[str, ...]]


def find_orphans(plan: Plan, standing_stacks: Iterable[str]) -> Orphans:
    """Sort those of `standing_stacks` that belong to the plan's partnership and are not in the plan.

    A unit that is still defined may leave a site, or all of them when its own dates end it. A unit that is defined
    no more has vanished: removing a file is no permission to delete what runs. The server that a council had for itself
    is neither: it stands until the council's data is elsewhere and somebody says that it may go (`tenant move`).
    """
    planned_names = {stack.name for stack in plan.stacks}
    units = {stack.unit for stack in plan.stacks} | set(plan.identities) | set(plan.policy.ended)
    stacks: list[str] = []
    orphans: dict[str, tuple[str, ...]] = {}
    for name in sorted(standing_stacks):
        unit = parts(name).unit_or_site
        if parts(name).partnership != plan.partnership or name in planned_names or may_be_left(unit, units):
            continue
        if unit in units:
            stacks.append(name)
        else:
            orphans[unit] = (*orphans.get(unit, ()), name)
    return Orphans(tuple(stacks), orphans)


def orphan_order(plan: Plan, stacks: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each stack to take down, those to take down before it: councils', instances', then sites' stacks.

    A network goes when nobody is on it any more, and councils' containers are on those of instances and sites.
    """
    instances = {stack.unit for stack in plan.stacks if stack.kind == "instance"}
    turns = {name: 2 if parts(name).unit is None else int(parts(name).unit in instances) for name in stacks}
    return {name: tuple(other for other in turns if turns[other] < turns[name]) for name in turns}
