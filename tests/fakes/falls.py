"""Failures that a test injects into a machine: silence or a kill at any step of it, and what fails some times."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from moothall.docker_engine.errors import Refused, Unreachable


class Killed(BaseException):
    """Who worked is no more; nothing that it would do on its way out is done."""


def killed() -> BaseException:
    """Return how it ends for somebody who is killed."""
    return Killed()


def silent() -> BaseException:
    """Return what an engine that has stopped to answer comes to."""
    return Unreachable("The engine was asked", "it does not answer", "it does not answer")


class Fall(NamedTuple):
    """After how many steps, or calls, how every call ends."""

    after: int
    how: Callable[[], BaseException]
    calls: bool


class Falls:
    """What counts steps and calls, and ends where it was told to.

    `done` are the steps, in order: whatever changes something is one. `calls` is how many calls there were. `fails`
    says how often something fails yet: by the first word of a step, or by a program.
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self.calls = 0
        self.fails: dict[str, int] = {}
        self._fall: Fall | None = None
        self._fallen = False

    def fall(self, after: int, how: Callable[[], BaseException], *, calls: bool = False) -> None:
        """Have every call end so, from the step on that comes after so many; `calls` counts calls in place of steps."""
        self.done.clear()
        self.calls = 0
        self._fall = Fall(after, how, calls)

    def revive(self) -> None:
        """Have it answer again."""
        self._fall, self._fallen = None, False

    @property
    def has_fallen(self) -> bool:
        """Whether every call ends now as `fall` has said."""
        return self._fallen

    def asked(self) -> None:
        """Count a call. Raises what `fall` has said."""
        self._reached(self.calls, calls=True)
        self.calls += 1

    def step(self, what: str) -> None:
        """Note what is going to be changed. Raises what `fall` has said, and Refused for what `fails`."""
        self._reached(len(self.done), calls=False)
        if self.has_failed(what.partition(" ")[0]):
            raise Refused(f"The engine does not {what}", "it is busy", "it is busy", 500)
        self.done.append(what)

    def has_failed(self, what: str) -> bool:
        """Say whether something fails this time."""
        left = self.fails.get(what, 0)
        if left:
            self.fails[what] = left - 1
        return bool(left)

    def _reached(self, number: int, *, calls: bool) -> None:
        fall = self._fall
        if self._fallen or (fall and fall.calls == calls and number >= fall.after):
            assert fall
            self._fallen = True
            raise fall.how()
