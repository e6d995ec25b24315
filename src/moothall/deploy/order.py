"""The order of stacks: each after the stacks it needs, independent ones at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from moothall.model.planned import Plan
from moothall.pulumi_engine.steps.dag import walk

Result = TypeVar("Result")

_KEEPERS = ("postgres", "repository")

CONCURRENT_STACKS = 6
"""How many stacks are worked on at once; the engine bounds what it does on one container engine by itself."""


class DagWalk(Generic[Result]):
    """A walk over named things that need each other.

    `work` does one item and returns its result; `is_sound` says whether the items that need it may go on; `skip`
    returns the result of an item whose need is not sound.
    """

    def __init__(
        self,
        needs: Mapping[str, Sequence[str]],
        work: Callable[[str], Result],
        is_sound: Callable[[Result], bool],
        skip: Callable[[str, str], Result],
    ) -> None:
        self._needs = {
            name: sorted(need for need in set(needed_names) if need in needs) for name, needed_names in needs.items()
        }
        self._work = work
        self._is_sound = is_sound
        self._skip = skip
        self._results: dict[str, Result] = {}

    def run(self) -> dict[str, Result]:
        """Do everything and return the results by name."""
        walk(self._needs, self._work_one, CONCURRENT_STACKS, "stack")
        return self._results

    def _work_one(self, name: str) -> None:
        """Do one item, all of whose needs have been done or skipped."""
        failed_need = next((need for need in self._needs[name] if not self._is_sound(self._results[need])), None)
        self._results[name] = self._skip(name, failed_need) if failed_need else self._work(name)


def teardown_order(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return for each stack those that have to be down before it: what needs it.

    A primary goes before its mirror and its backup target, although they need it: so it can hand over its last
    write-ahead log to both.
    """
    keepers = {stack.name: stack.unit for stack in plan.stacks if any(c.role in _KEEPERS for c in stack.containers)}
    predecessors: dict[str, list[str]] = {stack.name: [] for stack in plan.stacks}
    for stack in plan.stacks:
        for need in stack.needs:
            hands_over = stack.name in keepers and keepers.get(need) == stack.unit
            before, after = (need, stack.name) if hands_over else (stack.name, need)
            predecessors[after].append(before)
    return {name: tuple(names) for name, names in predecessors.items()}
