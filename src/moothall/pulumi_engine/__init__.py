"""The embedded engine: runs a Pulumi program on Docker engines, in process, with Pulumi's own state files.

It knows Pulumi's protocol and Docker, and nothing of councils. Importing it loads neither `pulumi` nor `docker`; the
first operation that needs them does. Every function raises EngineError when the world is not as it must be.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Mapping

from moothall.model.engines import Endpoint
from moothall.pulumi_engine.errors import (
    BadPassphrase,
    Conflict,
    EngineError,
    EngineUnreachable,
    InUse,
    Locked,
    NotOwned,
    Protected,
    StateCorrupt,
    Unsupported,
)
from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.backend import Backend, StackRun
from moothall.pulumi_engine.steps.observer import SILENT, Observer
from moothall.pulumi_engine.steps.outcome import Drift, FailedStep, Outcome, StackSurvey, Step, Survey

__all__ = [
    "SILENT",
    "Backend",
    "BadPassphrase",
    "Conflict",
    "Drift",
    "EngineError",
    "EngineUnreachable",
    "FailedStep",
    "InUse",
    "Locked",
    "NotOwned",
    "Observer",
    "Outcome",
    "Protected",
    "StackRun",
    "StackSurvey",
    "StateCorrupt",
    "Step",
    "Survey",
    "Unsupported",
    "break_lock",
    "checkpoint_digest",
    "destroy",
    "destroy_preview",
    "identity",
    "limit_mutations",
    "preview",
    "resource_counts",
    "survey",
    "up",
]


def preview(run: StackRun, backend: Backend, *, observer: Observer = SILENT) -> Outcome:
    """What `up` would do now. Takes no lock, makes no call that changes the engine, writes no file.

    Raises EngineError as `up` would before its first step.
    """
    from moothall.pulumi_engine.provider.engine import connect
    from moothall.pulumi_engine.steps.operations import Operation

    return Operation(run, backend, observer, connect).preview()


def up(run: StackRun, backend: Backend, *, observer: Observer = SILENT, stop: threading.Event | None = None) -> Outcome:
    """Make the stack as its program says. When `stop` is set, steps under way end and no new one begins.

    Raises EngineError, always before anything is touched; a step that fails is a FailedStep in the outcome.
    """
    from moothall.pulumi_engine.provider.engine import connect
    from moothall.pulumi_engine.steps.operations import Operation

    return Operation(run, backend, observer, connect).up(stop or threading.Event())


def destroy(
    project: str,
    stack: str,
    backend: Backend,
    ownership: tuple[str, str],
    *,
    with_data: bool,
    observer: Observer = SILENT,
    stop: threading.Event | None = None,
) -> Outcome:
    """Delete what the state records, without the program. Protected resources, and what they need, stay in the state
    and on the engine unless `with_data`, which also deletes what is marked to be retained.

    `ownership` is the label that every object must carry; a foreign object is never deleted (NotOwned).
    """
    from moothall.pulumi_engine.provider.engine import connect
    from moothall.pulumi_engine.steps.destruction import Destruction

    destruction = Destruction((project, stack), backend, ownership, connect, with_data=with_data)
    return destruction.run(observer, stop or threading.Event())


def destroy_preview(project: str, stack: str, backend: Backend, *, with_data: bool) -> Outcome:
    """What `destroy` would delete, from the state alone."""
    from moothall.pulumi_engine.steps.destruction import planned_deletes

    deletes = planned_deletes(checkpoint.load(backend, project, stack), with_data=with_data)
    return Outcome(stack, "previewed", tuple(delete.step for delete in deletes))


def resource_counts(project: str, backend: Backend, is_selected: Callable[[str], bool]) -> Mapping[str, int]:
    """How many resources each stack of a project has, by its name, from the states alone, for the stacks that
    `is_selected` accepts."""
    stacks = filter(is_selected, backend.stacks(project))
    return {stack: len(checkpoint.load(backend, project, stack).resources) for stack in stacks}


def survey(
    project: str,
    backend: Backend,
    stacks: Container[str] | None = None,
    *,
    stop: threading.Event | None = None,
) -> Survey:
    """The stacks of a project as recorded, all or those named, and where their engines hold something else.

    Reads checkpoints and makes one list call per engine and kind of object; runs no program, opens no secret.
    An engine that does not answer is named in the stacks that it holds, and nothing of theirs counts as drift.
    `stop` is taken for the sake of the signature: every call on an engine has a deadline.
    """
    from moothall.pulumi_engine.observe.observed_state import survey_project
    from moothall.pulumi_engine.provider.engine import connect

    return survey_project(project, backend, connect, stacks)


def identity(endpoint: Endpoint) -> str:
    """By what an engine is known from every other one, whatever its address. Raises EngineUnreachable."""
    from moothall.pulumi_engine.provider.calls import identity as ask

    return ask(endpoint)


def checkpoint_digest(project: str, stack: str, backend: Backend) -> str | None:
    """The SHA-256 of the stack's checkpoint file, None without one: equal digests mean that its state is unchanged."""
    return checkpoint.digest(backend, project, stack)


def break_lock(project: str, stack: str, backend: Backend) -> int:
    """Remove the lock files of a stack, whoever wrote them, and return how many there were.

    Only for a lock whose owner is known to be gone.
    """
    from moothall.pulumi_engine.state import lock

    return lock.break_lock(backend, project, stack)


def limit_mutations(limit: int) -> None:
    """Bound how many calls that change a Docker engine this process makes at the same time (4 unless set)."""
    from moothall.docker_engine.client import limit_mutations as set_limit

    set_limit(limit)
