"""Preview, up and destroy of whole plans: which stacks need work, in which order, and what came of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from moothall import pulumi_engine
from moothall.deploy import applied_digests, labels
from moothall.deploy.changes import StackChange
from moothall.deploy.order import DagWalk, downwards
from moothall.deploy.orphans import leaving_in_order
from moothall.deploy.progress_observer import told
from moothall.deploy.runner import Runner
from moothall.deploy.turns import Turns
from moothall.failures import BLOCKED, REFUSED, OperationError
from moothall.model.engines import Engines
from moothall.model.planned import Plan, Stack
from moothall.ports import Progress, Vault
from moothall.pulumi_engine.state.stale_passphrases import sweep

PROJECT = "moothall"
_STATUS = {REFUSED: "refused", BLOCKED: "locked"}
_SOUND = {"succeeded", "unchanged", "previewed"}


@dataclass(frozen=True)
class Deployment:
    """One plan, with what is needed to stand it up: the vault, the engines of its sites and the state directory.

    `digest` returns what stands for all that decides a stack. `selected` says which stacks to work on; the others are
    taken to be as they are. `runner` runs the program: the embedded engine, or Pulumi.
    `events` is the folder for Pulumi's event stream of each stack, None when nobody wants it.
    `elsewhere` are sites of which it is accepted that they have another engine now, where all is recreated.
    `silent` says of sites whose engine does not answer, why: nothing is tried there.
    `local` says that the states are in the state directory, where what was applied can be remembered beside them.
    """

    plan: Plan
    digest: Callable[[Stack], str]
    vault: Vault
    key_id: str
    engines: Engines
    state: Path
    backend: pulumi_engine.Backend
    selected: Callable[[Stack], bool] = lambda stack: True
    silent: Mapping[str, str] = field(default_factory=dict)
    runner: Runner = pulumi_engine
    events: Path | None = None
    elsewhere: frozenset[str] = frozenset()
    local: bool = True

    @cached_property
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
            return _changed(deployment.runner.destroy_preview(PROJECT, name, deployment.backend, with_data=False))
        if stack.site in deployment.silent:
            return _unreached(deployment, stack)
        if _settled(deployment, stack, survey):
            return StackChange(name, "unchanged", unchanged=survey[name].resources)
        run, backend = _run(deployment, stack), deployment.backend
        return _changed(
            told(deployment.events, name, progress, lambda it: deployment.runner.preview(run, backend, observer=it))
        )

    return list(_walk(deployment, leaving, work).values())


def up(deployment: Deployment, leaving: Iterable[str], progress: Progress, stop: threading.Event) -> list[StackChange]:
    """Make the change, stack by stack, and return what came of each. A stack that fails stops those that need it.

    After an upgrade of moothall councils are carried over in turn.
    """
    sweep(deployment.backend, PROJECT)
    survey, turns = _survey(deployment, stop), Turns(_is_sound)

    def work(name: str) -> StackChange:
        stack = deployment.stacks.get(name)
        if stack is None:
            return _taken_down(deployment, name, progress, stop)
        if stack.site in deployment.silent:
            return _unreached(deployment, stack)
        if _settled(deployment, stack, survey):
            return StackChange(name, "unchanged", unchanged=survey[name].resources)
        if stack.council and applied_digests.is_of_another(deployment.state, name):
            return turns.take(name, lambda: _stood_up(deployment, stack, progress, stop))
        return _stood_up(deployment, stack, progress, stop)

    return list(_walk(deployment, leaving, work).values())


def destroy(
    deployment: Deployment, standing: Iterable[str], progress: Progress, stop: threading.Event, *, with_data: bool
) -> list[StackChange]:
    """Take `standing` stacks down, those that need others first; data volumes only `with_data`."""
    sweep(deployment.backend, PROJECT)
    names = set(standing)
    needs = downwards(deployment.plan)
    work = _guarded(lambda name: _taken_down(deployment, name, progress, stop, with_data=with_data))
    return list(
        DagWalk({name: needs.get(name, ()) for name in sorted(names)}, work, _is_sound, _skipped).run().values()
    )


def destroy_preview(deployment: Deployment, standing: Iterable[str], *, with_data: bool) -> list[StackChange]:
    """Return what `destroy` would take down."""
    return [
        _changed(deployment.runner.destroy_preview(PROJECT, name, deployment.backend, with_data=with_data))
        for name in sorted(standing)
    ]


def _walk(deployment: Deployment, leaving: Iterable[str], work: Callable[[str], StackChange]) -> dict[str, StackChange]:
    needs = {name: stack.needs for name, stack in deployment.stacks.items()}
    # What leaves goes before its networks could change under it.
    needs = {name: (*wanted, *leaving) for name, wanted in needs.items()} | leaving_in_order(deployment.plan, leaving)
    return DagWalk(needs, _guarded(work), _is_sound, _skipped).run()


def _guarded(work: Callable[[str], StackChange]) -> Callable[[str], StackChange]:
    """Return `work` with a failure of the world as its outcome, so that other stacks go on."""

    def guarded(name: str) -> StackChange:
        try:
            return work(name)
        except OperationError as failure:
            reason = " ".join(part for part in (failure.message, failure.state) if part)
            silent = isinstance(failure, pulumi_engine.EngineUnreachable)
            status = "could-not-run" if silent else _STATUS.get(failure.exit_code, "failed")
            return StackChange(name, status, reason=reason, hint=failure.hint)

    return guarded


def _is_sound(change: StackChange) -> bool:
    """Say whether what needs a stack may go on: it is as planned or was when last seen, or nobody needs what failed."""
    alone = bool(change.failures) and all(failure.alone for failure in change.failures)
    return change.status in _SOUND or change.stands or alone


def _unreached(deployment: Deployment, stack: Stack) -> StackChange:
    """Return what comes of a stack whose engine does not answer; what it holds is taken to be as it was."""
    checkpoint = pulumi_engine.checkpoint_digest(PROJECT, stack.name, deployment.backend)
    as_planned = applied_digests.stood(deployment.state, stack.name, deployment.digest(stack), checkpoint)
    silent = deployment.silent[stack.site]
    return StackChange(stack.name, "could-not-run", reason=silent, hint="moothall doctor", stands=as_planned)


def _skipped(name: str, need: str) -> StackChange:
    return StackChange(name, "could-not-run", reason=f"it needs {need}, which did not succeed")


def _survey(deployment: Deployment, stop: threading.Event | None = None) -> Mapping[str, pulumi_engine.StackSurvey]:
    found = deployment.runner.survey(PROJECT, deployment.backend, deployment.stacks, stop=stop)
    return {survey.stack: survey for survey in found.stacks}


def _settled(deployment: Deployment, stack: Stack, survey: Mapping[str, pulumi_engine.StackSurvey]) -> bool:
    """Say whether the stack stands as its last `up` left it, and neither its plan nor moothall has changed since.

    Who asks for Pulumi wants Pulumi to look, so only the embedded engine takes this short way.
    """
    if deployment.runner is not pulumi_engine:
        return False
    found = survey.get(stack.name)
    if found is None or found.drift or found.unreachable or found.pending or found.failed:
        return False
    return applied_digests.is_applied(deployment.state, stack.name, deployment.digest(stack), found.checkpoint)


def _run(deployment: Deployment, stack: Stack) -> pulumi_engine.StackRun:
    made_from, host = deployment.digest(stack), deployment.engines.at(stack.site)
    from moothall.deploy.program import program  # and with it Pulumi, which takes half a second

    declare = program(deployment.plan, stack, deployment.vault, deployment.key_id, host, made_from)
    owner, followers = _ownership(deployment, stack.name), _followers(deployment, stack)
    elsewhere = stack.site in deployment.elsewhere
    return pulumi_engine.StackRun(PROJECT, stack.name, declare, owner, True, followers, elsewhere)


def _followers(deployment: Deployment, stack: Stack) -> frozenset[str]:
    """Return the containers of other stacks, worked on in the same run, that stand on networks of this one."""
    own = {network.name for network in stack.networks}
    others = (other for other in deployment.stacks.values() if other is not stack)
    return frozenset(c.name for other in others for c in other.containers if any(p.network in own for p in c.networks))


def _ownership(deployment: Deployment, name: str) -> tuple[str, str]:
    return labels.OWNER, labels.owner(name, deployment.key_id)


def _stood_up(deployment: Deployment, stack: Stack, progress: Progress, stop: threading.Event) -> StackChange:
    run, backend = _run(deployment, stack), deployment.backend
    outcome = told(
        deployment.events, run.stack, progress, lambda it: deployment.runner.up(run, backend, observer=it, stop=stop)
    )
    if not deployment.local:
        applied_digests.forget(deployment.state, stack.name)
    elif outcome.status == "succeeded":
        checkpoint = pulumi_engine.checkpoint_digest(PROJECT, stack.name, deployment.backend)
        applied_digests.write(deployment.state, stack.name, deployment.digest(stack), checkpoint)
    return _grounded(deployment, stack, _changed(outcome))


def _grounded(deployment: Deployment, stack: Stack, change: StackChange) -> StackChange:
    """Return the change; one that failed and needs what nobody has made, nor was asked to make, says so.

    It is tried all the same: where states are lost, what is needed may stand and be on no record.
    """
    outside = frozenset(stack.needs) - deployment.stacks.keys()
    if not change.failures or not outside:
        return change
    absent = outside - deployment.runner.recorded(PROJECT, deployment.backend, outside.__contains__).keys()
    if not absent:
        return change
    reason = f"it needs {min(absent)}, which was never made and was not selected"
    return replace(change, reason=reason, hint=f"moothall up --yes --partnership {deployment.plan.partnership}")


def _taken_down(
    deployment: Deployment, name: str, progress: Progress, stop: threading.Event, *, with_data: bool = False
) -> StackChange:
    applied_digests.forget(deployment.state, name)
    backend, owner = deployment.backend, _ownership(deployment, name)

    def work(observer: pulumi_engine.Observer) -> pulumi_engine.Outcome:
        return deployment.runner.destroy(
            PROJECT, name, backend, owner, with_data=with_data, observer=observer, stop=stop
        )

    return _changed(told(deployment.events, name, progress, work))


def _changed(outcome: pulumi_engine.Outcome) -> StackChange:
    return StackChange(outcome.stack, outcome.status, outcome.steps, failures=outcome.failures)
