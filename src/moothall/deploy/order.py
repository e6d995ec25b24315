"""The order of stacks: each after the stacks it needs, independent ones at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from moothall.model.planned import Plan

Done = TypeVar("Done")

_KEEPERS = ("postgres", "repository")

AT_ONCE = 6
"""How many stacks are worked on at once; the engine bounds what it does on one container engine by itself."""


class Walk(Generic[Done]):
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
        self._needs = {name: {need for need in wanted if need in needs} for name, wanted in needs.items()}
        self._work = work
        self._sound = sound
        self._skip = skip
        self._done: dict[str, Done] = {}

    def run(self) -> dict[str, Done]:
        """Do everything and return what came of each, by name."""
        running: dict[Future[Done], str] = {}
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="stack") as pool:
            while len(self._done) < len(self._needs):
                self._skip_hopeless()
                for name in self._ready(set(running.values())):
                    running[pool.submit(self._work, name)] = name
                if running:
                    finished, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in finished:
                        self._done[running.pop(future)] = future.result()
        return self._done

    def _ready(self, running: set[str]) -> list[str]:
        waiting = [name for name in self._needs if name not in self._done and name not in running]
        return [name for name in waiting if all(need in self._done for need in self._needs[name])]

    def _skip_hopeless(self) -> None:
        for name, wanted in self._needs.items():
            bad = next(
                (need for need in sorted(wanted) if need in self._done and not self._sound(self._done[need])), None
            )
            if bad and name not in self._done:
                self._done[name] = self._skip(name, bad)


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
