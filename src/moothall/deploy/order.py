"""The order of stacks: each after the stacks it needs, independent ones at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from moothall.model.planned import Plan
from moothall.pulumi_engine.steps.dag import walk

Done = TypeVar("Done")

_KEEPERS = ("postgres", "repository")

AT_ONCE = 6
"""How many stacks are worked on at once; the engine bounds what it does on one container engine by itself."""


class DagWalk(Generic[Done]):
    """A walk over named things that need each other.

    `work` does one and returns what came of it; `sound` says whether those that need it may go on; `skip` says
    what becomes of one whose need is not sound.
    """

    def __init__(
        self,
        needs: Mapping[str, Sequence[str]],
        work: Callable[[str], Done],
        sound: Callable[[Done], bool],
        skip: Callable[[str, str], Done],
    ) -> None:
        self._needs = {name: sorted(need for need in set(wanted) if need in needs) for name, wanted in needs.items()}
        self._work = work
        self._sound = sound
        self._skip = skip
        self._done: dict[str, Done] = {}

    def run(self) -> dict[str, Done]:
        """Do everything and return what came of each, by name."""
        walk(self._needs, self._one, AT_ONCE, "stack")
        return self._done

    def _one(self, name: str) -> None:
        """Do one whose needs have all been looked after."""
        bad = next((need for need in self._needs[name] if not self._sound(self._done[need])), None)
        self._done[name] = self._skip(name, bad) if bad else self._work(name)


def downwards(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return for each stack those that have to be down before it: what needs it.

    A primary goes before its mirror and its backup target, although they need it: so it can hand over its last
    write-ahead log to both.
    """
    keepers = {stack.name: stack.unit for stack in plan.stacks if any(c.role in _KEEPERS for c in stack.containers)}
    first: dict[str, list[str]] = {stack.name: [] for stack in plan.stacks}
    for stack in plan.stacks:
        for need in stack.needs:
            hands_over = stack.name in keepers and keepers.get(need) == stack.unit
            before, after = (need, stack.name) if hands_over else (stack.name, need)
            first[after].append(before)
    return {name: tuple(names) for name, names in first.items()}
