"""What an operation planned or did, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Op = Literal["create", "update", "replace", "delete", "same"]
Status = Literal["succeeded", "failed", "interrupted", "previewed"]


@dataclass(frozen=True)
class Step:
    """One resource and what happens to it.

    `diff` holds changed property paths (`envs`, `healthcheck.interval`), `kinds` for each of them `add`, `delete` or
    `update`, `replace_keys` those of them that make a replace necessary, `physical` the name of the Docker object
    (empty for stacks, components and providers). `retained` is true for a delete that only forgets the object and
    leaves it on the engine.
    """

    op: Op
    urn: str
    type: str
    name: str
    diff: tuple[str, ...] = ()
    replace_keys: tuple[str, ...] = ()
    physical: str = ""
    protected: bool = False
    retained: bool = False
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class FailedStep:
    """A resource whose step failed; `message` never holds a secret. `blocks_nothing`: no other step waits for it."""

    urn: str
    name: str
    message: str
    blocks_nothing: bool = False


@dataclass(frozen=True)
class Outcome:
    """The result of preview, up or destroy on one stack; `steps` includes the unchanged resources."""

    stack: str
    status: Status
    steps: tuple[Step, ...] = ()
    failures: tuple[FailedStep, ...] = ()

    def count(self, op: Op) -> int:
        """The number of steps of this kind."""
        return sum(1 for step in self.steps if step.op == op)

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.op != "same")


@dataclass(frozen=True)
class Drift:
    """One Docker object that is not as the state says."""

    urn: str
    kind: str
    name: str
    trouble: Literal["missing", "not running", "running"]


@dataclass(frozen=True)
class StackSurvey:
    """One stack as recorded and as found; `unreachable` names its engine when that did not answer.

    `checkpoint` is the digest of the state that was surveyed, empty for one that is kept elsewhere.
    """

    stack: str
    resources: int
    drift: tuple[Drift, ...] = ()
    unreachable: str | None = None
    pending: int = 0
    failed: tuple[str, ...] = ()
    checkpoint: str = ""


@dataclass(frozen=True)
class Survey:
    """All stacks of a project, by stack name."""

    project: str
    stacks: tuple[StackSurvey, ...]
