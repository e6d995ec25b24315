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
from moothall.deploy.order import DagWalk, teardown_order
from moothall.deploy.orphans import orphan_order
from moothall.deploy.progress_observer import run_observed
from moothall.deploy.runner import Runner
from moothall.deploy.turns import Turns
from moothall.failures import BLOCKED, REFUSED, OperationError
from moothall.model.engines import Engines
from moothall.model.planned import Plan, Stack
from moothall.ports import Progress, Vault
from moothall.pulumi_engine.state.stale_passphrases import sweep

PROJECT = "moothall"
_STATUS = {REFUSED: "refused", BLOCKED: "locked"}
_SOUND_STATUSES = {"succeeded", "unchanged", "previewed"}


@dataclass(frozen=True)
class Deployment:
    """One plan, with what is needed to stand it up: the vault, the engines of its sites and the state directory.

    `digest` returns what stands for all that decides a stack. `is_selected` says which stacks to work on; the others
    are taken to be as they are. `runner` runs the program: the embedded engine, or Pulumi.
    `events` is the folder for Pulumi's event stream of each stack, None when nobody wants it.
    `accepted_sites` are sites whose new engine the operator has accepted; everything there is recreated.
    `silent` maps each site whose engine does not answer to the reason; nothing is tried there.
    `local` says that the states are in the state directory, where what was applied can be remembered beside them.
    """

    plan: Plan
    digest: Callable[[Stack], str]
    vault: Vault
    key_id: str
    engines: Engines
    state: Path
    backend: pulumi_engine.Backend
    is_selected: Callable[[Stack], bool] = lambda stack: True
    silent: Mapping[str, str] = field(default_factory=dict)
    runner: Runner = pulumi_engine
    events: Path | None = None
    accepted_sites: frozenset[str] = frozenset()
    local: bool = True

    @cached_property
    def stacks(self) -> dict[str, Stack]:
        """The selected stacks of the plan, by name."""
        return {stack.name: stack for stack in self.plan.stacks if self.is_selected(stack)}


def preview(deployment: Deployment, leaving_stacks: Iterable[str], progress: Progress) -> list[StackChange]:
    """Return what `up` would change; changes nothing and takes no lock.

    `leaving_stacks` are the names of stacks that are deployed and no longer in the plan.
    """
    survey = _survey(deployment)

    def work(name: str) -> StackChange:
        stack = deployment.stacks.get(name)
        if stack is None:
            return _change_of(deployment.runner.destroy_preview(PROJECT, name, deployment.backend, with_data=False))
        if stack.site in deployment.silent:
            return _unreachable_change(deployment, stack)
        if _is_settled(deployment, stack, survey):
            return StackChange(name, "unchanged", unchanged=survey[name].resources)
        run, backend = _run(deployment, stack), deployment.backend
        return _change_of(
            run_observed(
                deployment.events,
                name,
                progress,
                lambda observer: deployment.runner.preview(run, backend, observer=observer),
            )
        )

    return list(_walk(deployment, leaving_stacks, work).values())


def up(
    deployment: Deployment, leaving_stacks: Iterable[str], progress: Progress, stop: threading.Event
) -> list[StackChange]:
    """Make the change, stack by stack, and return what came of each. A stack that fails stops those that need it.

    After an upgrade of moothall councils are carried over in turn.
    """
    sweep(deployment.backend, PROJECT)
    survey, turns = _survey(deployment, stop), Turns(_is_sound)

    def work(name: str) -> StackChange:
        stack = deployment.stacks.get(name)
        if stack is None:
            return _take_down(deployment, name, progress, stop)
        if stack.site in deployment.silent:
            return _unreachable_change(deployment, stack)
        if _is_settled(deployment, stack, survey):
            return StackChange(name, "unchanged", unchanged=survey[name].resources)
        if stack.council and applied_digests.is_from_other_code(deployment.state, name):
            return turns.take(name, lambda: _stand_up(deployment, stack, progress, stop))
        return _stand_up(deployment, stack, progress, stop)

    return list(_walk(deployment, leaving_stacks, work).values())


def destroy(
    deployment: Deployment,
    standing_stacks: Iterable[str],
    progress: Progress,
    stop: threading.Event,
    *,
    with_data: bool,
) -> list[StackChange]:
    """Take `standing_stacks` down, those that need others first; data volumes only `with_data`."""
    sweep(deployment.backend, PROJECT)
    names = set(standing_stacks)
    needs = teardown_order(deployment.plan)
    work = _guard(lambda name: _take_down(deployment, name, progress, stop, with_data=with_data))
    return list(
        DagWalk({name: needs.get(name, ()) for name in sorted(names)}, work, _is_sound, _skipped_change).run().values()
    )


def destroy_preview(deployment: Deployment, standing_stacks: Iterable[str], *, with_data: bool) -> list[StackChange]:
    """Return what `destroy` would take down."""
    return [
        _change_of(deployment.runner.destroy_preview(PROJECT, name, deployment.backend, with_data=with_data))
        for name in sorted(standing_stacks)
    ]


def _walk(
    deployment: Deployment, leaving_stacks: Iterable[str], work: Callable[[str], StackChange]
) -> dict[str, StackChange]:
    needs = {name: stack.needs for name, stack in deployment.stacks.items()}
    # What leaves goes before its networks could change under it.
    needs = {name: (*stack_needs, *leaving_stacks) for name, stack_needs in needs.items()} | orphan_order(
        deployment.plan, leaving_stacks
    )
    return DagWalk(needs, _guard(work), _is_sound, _skipped_change).run()


def _guard(work: Callable[[str], StackChange]) -> Callable[[str], StackChange]:
    """Return `work` with an OperationError turned into a failed change, so that other stacks go on."""

    def guarded_work(name: str) -> StackChange:
        try:
            return work(name)
        except OperationError as failure:
            reason = " ".join(part for part in (failure.message, failure.state) if part)
            unreachable = isinstance(failure, pulumi_engine.EngineUnreachable)
            status = "could-not-run" if unreachable else _STATUS.get(failure.exit_code, "failed")
            return StackChange(name, status, reason=reason, hint=failure.hint)

    return guarded_work


def _is_sound(change: StackChange) -> bool:
    """Say whether what needs a stack may go on: it is as planned or was when last seen, or nobody needs what failed."""
    harmless = bool(change.failures) and all(failure.blocks_nothing for failure in change.failures)
    return change.status in _SOUND_STATUSES or change.stands or harmless


def _unreachable_change(deployment: Deployment, stack: Stack) -> StackChange:
    """Return the change of a stack whose engine does not answer; its objects are assumed to be unchanged."""
    checkpoint = pulumi_engine.checkpoint_digest(PROJECT, stack.name, deployment.backend)
    as_planned = applied_digests.matches_plan(deployment.state, stack.name, deployment.digest(stack), checkpoint)
    reason = deployment.silent[stack.site]
    return StackChange(stack.name, "could-not-run", reason=reason, hint="moothall doctor", stands=as_planned)


def _skipped_change(name: str, need: str) -> StackChange:
    return StackChange(name, "could-not-run", reason=f"it needs {need}, which did not succeed")


def _survey(deployment: Deployment, stop: threading.Event | None = None) -> Mapping[str, pulumi_engine.StackSurvey]:
    survey = deployment.runner.survey(PROJECT, deployment.backend, deployment.stacks, stop=stop)
    return {stack_survey.stack: stack_survey for stack_survey in survey.stacks}


def _is_settled(deployment: Deployment, stack: Stack, survey: Mapping[str, pulumi_engine.StackSurvey]) -> bool:
    """Say whether the stack stands as its last `up` left it, and neither its plan nor moothall has changed since.

    Who asks for Pulumi wants Pulumi to look, so only the embedded engine takes this short way.
    """
    if deployment.runner is not pulumi_engine:
        return False
    stack_survey = survey.get(stack.name)
    if (
        stack_survey is None
        or stack_survey.drift
        or stack_survey.unreachable
        or stack_survey.pending
        or stack_survey.failed
    ):
        return False
    return applied_digests.is_applied(deployment.state, stack.name, deployment.digest(stack), stack_survey.checkpoint)


def _run(deployment: Deployment, stack: Stack) -> pulumi_engine.StackRun:
    stack_digest, host = deployment.digest(stack), deployment.engines.endpoint_of(stack.site)
    from moothall.deploy.program import program  # and with it Pulumi, which takes half a second

    declare = program(deployment.plan, stack, deployment.vault, deployment.key_id, host, stack_digest)
    owner, followers = _ownership(deployment, stack.name), _followers(deployment, stack)
    is_accepted = stack.site in deployment.accepted_sites
    return pulumi_engine.StackRun(PROJECT, stack.name, declare, owner, True, followers, is_accepted)


def _followers(deployment: Deployment, stack: Stack) -> frozenset[str]:
    """Return the containers of other stacks, worked on in the same run, that stand on networks of this one."""
    own = {network.name for network in stack.networks}
    others = (other for other in deployment.stacks.values() if other is not stack)
    return frozenset(c.name for other in others for c in other.containers if any(p.network in own for p in c.networks))


def _ownership(deployment: Deployment, name: str) -> tuple[str, str]:
    return labels.OWNER, labels.owner(name, deployment.key_id)


def _stand_up(deployment: Deployment, stack: Stack, progress: Progress, stop: threading.Event) -> StackChange:
    run, backend = _run(deployment, stack), deployment.backend
    outcome = run_observed(
        deployment.events,
        run.stack,
        progress,
        lambda observer: deployment.runner.up(run, backend, observer=observer, stop=stop),
    )
    if not deployment.local:
        applied_digests.forget(deployment.state, stack.name)
    elif outcome.status == "succeeded":
        checkpoint = pulumi_engine.checkpoint_digest(PROJECT, stack.name, deployment.backend)
        applied_digests.write(deployment.state, stack.name, deployment.digest(stack), checkpoint)
    return _add_missing_need(deployment, stack, _change_of(outcome))


def _add_missing_need(deployment: Deployment, stack: Stack, change: StackChange) -> StackChange:
    """Return the change; if it failed and needs a stack that was never deployed nor selected, say so in its reason.

    The stack is tried all the same: where states are lost, the needed stack may stand without a record.
    """
    outside_needs = frozenset(stack.needs) - deployment.stacks.keys()
    if not change.failures or not outside_needs:
        return change
    missing_needs = (
        outside_needs
        - deployment.runner.resource_counts(PROJECT, deployment.backend, outside_needs.__contains__).keys()
    )
    if not missing_needs:
        return change
    reason = f"it needs {min(missing_needs)}, which was never made and was not selected"
    return replace(change, reason=reason, hint=f"moothall up --yes --partnership {deployment.plan.partnership}")


def _take_down(
    deployment: Deployment, name: str, progress: Progress, stop: threading.Event, *, with_data: bool = False
) -> StackChange:
    applied_digests.forget(deployment.state, name)
    backend, owner = deployment.backend, _ownership(deployment, name)

    def work(observer: pulumi_engine.Observer) -> pulumi_engine.Outcome:
        return deployment.runner.destroy(
            PROJECT, name, backend, owner, with_data=with_data, observer=observer, stop=stop
        )

    return _change_of(run_observed(deployment.events, name, progress, work))


def _change_of(outcome: pulumi_engine.Outcome) -> StackChange:
    return StackChange(outcome.stack, outcome.status, outcome.steps, failures=outcome.failures)
