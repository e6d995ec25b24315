"""Stacks that stand and are in no plan any more: what may go, and what is refused because only its file is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from moothall.model.planned import Plan

_PARTS = 3


@dataclass(frozen=True)
class Leaving:
    """Stacks to take down because their unit has nothing there any more, and units whose definition is gone."""

    stacks: tuple[str, ...]
    vanished: dict[str, tuple[str, ...]]


def leaving(plan: Plan, standing: Iterable[str]) -> Leaving:
    """Sort the `standing` stacks of the plan's partnership that the plan does not hold.

    A unit that is still defined may leave a site. A unit that is defined no more has vanished: removing a file is
    no permission to delete what runs.
    """
    planned = {stack.name for stack in plan.stacks}
    units = {stack.unit for stack in plan.stacks}
    stacks: list[str] = []
    vanished: dict[str, tuple[str, ...]] = {}
    for name in sorted(standing):
        partnership, unit = _split(name)
        if partnership != plan.partnership or name in planned:
            continue
        if unit in units:
            stacks.append(name)
        else:
            vanished[unit] = (*vanished.get(unit, ()), name)
    return Leaving(tuple(stacks), vanished)


def _split(stack: str) -> tuple[str, str]:
    parts = stack.split(".")
    return parts[0], parts[1] if len(parts) == _PARTS else parts[-1]
