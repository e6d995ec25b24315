"""Preview, up and destroy of whole plans: which stacks need work, in which order, and what came of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from moothall import engine
from moothall.deploy import labels, record
from moothall.deploy.changes import StackChange
from moothall.deploy.order import Walk, downwards
from moothall.deploy.program import program
from moothall.deploy.watching import Watcher
from moothall.failures import BLOCKED, REFUSED, Failure
from moothall.model.planned import Plan, Stack
from moothall.ports import Progress, Vault

PROJECT = "moothall"
_STATUS = {REFUSED: "refused", BLOCKED: "locked"}
_SOUND = {"succeeded", "unchanged", "previewed"}


@dataclass(frozen=True)
class Deployment:
    """One plan, with what is needed to stand it up: the vault, the engine's endpoint and the state directory.

    `digests` stand for all that decides each stack. `selected` says which stacks to work on; the others are taken to
    be as they are.
    """

    plan: Plan
    digests: Mapping[str, str]
    vault: Vault
    key_id: str
    host: str
    state: Path
    backend: engine.Backend
    selected: Callable[[Stack], bool] = lambda stack: True

    @property
    def stacks(self) -> dict[str, Stack]:
        """The selected stacks of the plan, by name."""
        return {stack.name: stack for stack in self.plan.stacks if self.selected(stack)}


def preview(deployment: Deployment, leaving: Iterable[str], progress: Progress) -> list[StackChange]:
    """Return what `up` would change; changes nothing and takes no lock.

    `leaving` are stacks that stand and are in no plan any more.
    """
    survey = _survey(deployment)

    def work(name: str) -> StackChange:
        stack = deployment.stacks.get(name)
        if stack is None:
            return _changed(engine.destroy_preview(PROJECT, name, deployment.backend, with_data=False))
        if _settled(deployment, stack, survey):
            return StackChange(name, "unchanged", unchanged=survey[name].resources)
        return _changed(engine.preview(_run(deployment, stack), deployment.backend, observer=Watcher(progress)))

    return list(_walk(deployment, leaving, work).values())


def up(deployment: Deployment, leaving: Iterable[str], progress: Progress, stop: threading.Event) -> list[StackChange]:
    """Make the change, stack by stack, and return what came of each. A stack that fails stops those that need it."""
    survey = _survey(deployment)

    def work(name: str) -> StackChange:
        stack = deployment.stacks.get(name)
        if stack is None:
            return _taken_down(deployment, name, progress, stop)
        if _settled(deployment, stack, survey):
            return StackChange(name, "unchanged", unchanged=survey[name].resources)
        return _stood_up(deployment, stack, progress, stop)

    return list(_walk(deployment, leaving, work).values())


def destroy(
    deployment: Deployment, standing: Iterable[str], progress: Progress, stop: threading.Event, *, with_data: bool
) -> list[StackChange]:
    """Take `standing` stacks down, those that need others first; data volumes only `with_data`."""
    names = set(standing)
    needs = downwards(deployment.plan)
    work = _guarded(lambda name: _taken_down(deployment, name, progress, stop, with_data=with_data))
    return list(Walk({name: needs.get(name, ()) for name in sorted(names)}, work, _is_sound, _skipped).run().values())


def destroy_preview(deployment: Deployment, standing: Iterable[str], *, with_data: bool) -> list[StackChange]:
    """Return what `destroy` would take down."""
    return [
        _changed(engine.destroy_preview(PROJECT, name, deployment.backend, with_data=with_data))
        for name in sorted(standing)
    ]


def _walk(deployment: Deployment, leaving: Iterable[str], work: Callable[[str], StackChange]) -> dict[str, StackChange]:
    needs = {name: stack.needs for name, stack in deployment.stacks.items()}
    # What leaves goes before its networks could change under it.
    needs = {name: (*wanted, *leaving) for name, wanted in needs.items()} | dict.fromkeys(leaving, ())
    return Walk(needs, _guarded(work), _is_sound, _skipped).run()


def _guarded(work: Callable[[str], StackChange]) -> Callable[[str], StackChange]:
    """Return `work` with a failure of the world as its outcome, so that other stacks go on."""

    def guarded(name: str) -> StackChange:
        try:
            return work(name)
        except Failure as failure:
            reason = " ".join(part for part in (failure.what, failure.left, failure.mend) if part)
            return StackChange(name, _STATUS.get(failure.exit_code, "failed"), reason=reason)

    return guarded


def _is_sound(change: StackChange) -> bool:
    return change.status in _SOUND


def _skipped(name: str, need: str) -> StackChange:
    return StackChange(name, "could-not-run", reason=f"it needs {need}, which did not succeed")


def _survey(deployment: Deployment) -> Mapping[str, engine.StackSurvey]:
    return {found.stack: found for found in engine.survey(PROJECT, deployment.backend).stacks}


def _settled(deployment: Deployment, stack: Stack, survey: Mapping[str, engine.StackSurvey]) -> bool:
    """Say whether the stack stands as its last `up` left it and nothing in its plan has changed since."""
    found = survey.get(stack.name)
    if found is None or found.drift or found.unreachable or found.pending or found.failed:
        return False
    checkpoint = engine.checkpoint_digest(PROJECT, stack.name, deployment.backend)
    return record.is_applied(deployment.state, stack.name, deployment.digests[stack.name], checkpoint)


def _run(deployment: Deployment, stack: Stack) -> engine.StackRun:
    made_from = deployment.digests[stack.name]
    declare = program(deployment.plan, stack, deployment.vault, deployment.key_id, deployment.host, made_from)
    return engine.StackRun(PROJECT, stack.name, declare, _ownership(deployment, stack.name))


def _ownership(deployment: Deployment, name: str) -> tuple[str, str]:
    return labels.OWNER, labels.owner(name, deployment.key_id)


def _stood_up(deployment: Deployment, stack: Stack, progress: Progress, stop: threading.Event) -> StackChange:
    outcome = engine.up(_run(deployment, stack), deployment.backend, observer=Watcher(progress), stop=stop)
    if outcome.status == "succeeded":
        checkpoint = engine.checkpoint_digest(PROJECT, stack.name, deployment.backend)
        record.write(deployment.state, stack.name, deployment.digests[stack.name], checkpoint)
    return _changed(outcome)


def _taken_down(
    deployment: Deployment, name: str, progress: Progress, stop: threading.Event, *, with_data: bool = False
) -> StackChange:
    record.forget(deployment.state, name)
    outcome = engine.destroy(
        PROJECT,
        name,
        deployment.backend,
        _ownership(deployment, name),
        with_data=with_data,
        observer=Watcher(progress),
        stop=stop,
    )
    return _changed(outcome)


def _changed(outcome: engine.Outcome) -> StackChange:
    return StackChange(outcome.stack, outcome.status, outcome.steps, failures=outcome.failures)
