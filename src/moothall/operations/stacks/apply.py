"""Making what stands equal to the plan, and waiting until every tenant that changed can be logged in to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from moothall.failures import FAILED, INTERRUPTED, REFUSED, OperationError
from moothall.model.engines import Engines
from moothall.model.outcome import PASSED, Report
from moothall.model.planned import Plan, TenantPlan
from moothall.model.stackname import stack_of
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.planning import by_id, chosen_plan
from moothall.operations.secrets import NO_KEY, key_id, open_vault, refuse_older_keyring, settle_keyring
from moothall.operations.stacks import deployed, engine_bindings, preview, remote_states
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.stacks.images import supply
from moothall.operations.stacks.interrupt import interruptible
from moothall.operations.stacks.used_keyring import end_ended_exchange, newest_used
from moothall.operations.tenant_move.guard import refuse_elsewhere
from moothall.ports import Progress, Vault
from moothall.verify import wait_ready

if TYPE_CHECKING:
    from moothall.report.changes.view import ChangesView, WaitingView

READY_SECONDS = 120.0


@dataclass(frozen=True)
class ApplyOptions:
    """How a plan is made to stand: asked about or not, and how long each changed tenant may take to answer.

    `wait` is in seconds, and nobody is waited for when it is 0. `accept_engines` are the sites that have another
    engine now, and `events` is the folder for Pulumi's event streams.
    """

    yes: bool = True
    wait: float = READY_SECONDS
    accept_engines: tuple[str, ...] = ()
    events: Path | None = None


def apply(context: Context, options: ApplyOptions) -> tuple[ChangesView, int]:
    """Make the change and return what came of it, with the addresses of the tenants, and the exit code."""
    tagged_plan = plan = chosen_plan(context)
    engine_reach = engine_bindings.reach(context, plan, options.accept_engines)
    _check_engines_answer(context, engine_reach)
    if used := newest_used(context, plan, engine_reach):
        refuse_older_keyring(context, plan, used)
        end_ended_exchange(context, plan, engine_reach)
    leaving_stacks = deployed.leaving_stacks(context, plan)
    refuse_elsewhere(context, plan, engine_reach)
    recorded_ids = _recorded_images(context, plan)
    _check_allowed(context, options, by_id(plan, recorded_ids), engine_reach, leaving_stacks)
    ids, failures = supply(engine_reach, engine_reach.engines.local, plan, recorded_ids, context.progress)
    engine_reach = engine_reach.without({at: f"{why.message} {why.hint}" for at, why in failures.items()})
    plan = by_id(plan, {**recorded_ids, **ids})
    engine_bindings.clear(plan, engine_reach)
    vault = open_vault(context, tagged_plan, create=True)

    from moothall.deploy import built_images
    from moothall.deploy import deployment as deploy
    from moothall.deploy.identities import departed_councils, remember
    from moothall.report.changes.view import address, view

    built_images.write(context.state, plan.partnership, ids, vault)
    settle_keyring(context, plan, departed_councils(context.state, plan, leaving_stacks))
    remember(context.state, plan)
    engine_bindings.remember(context, plan, engine_reach)
    remote_states.remember(context, plan)
    with interruptible(context.progress) as stop:
        deployment = deployed.deployment(
            context, plan, vault, engine_reach, events=options.events, accepted_sites=options.accept_engines
        )
        changes = deploy.up(deployment, leaving_stacks, context.progress, stop)
        code = INTERRUPTED if stop.is_set() else preview.exit_code(changes, detailed=False)
        changed_tenants = _tenants_to_await(plan, {c.stack for c in changes if c.changes}, {c.stack for c in changes})
        must_wait = options.wait and not code
        waiting_tenants = (
            _wait(plan, vault, engine_reach.engines, changed_tenants, options.wait, context.progress)
            if must_wait
            else []
        )
    if leaving_stacks:
        names = {*deployed.standing_stacks(context, plan), *(stack.name for stack in plan.stacks)}
        remote_states.forget(context, plan, names)
    changes_view = view(changes, [plan], context.repeated_command())
    changes_view["tenants"] = [address(tenant) for tenant in plan.tenants]
    changes_view["waiting"] = waiting_tenants
    return changes_view, code or (FAILED if waiting_tenants else 0)


def _recorded_images(context: Context, plan: Plan) -> dict[str, str]:
    """Return the images on record; of a record that the partnership's key has not sealed nothing is believed."""
    from moothall.deploy import built_images

    if key_id(context, plan) == NO_KEY or not built_images.read(context.state, plan.partnership):
        return {}
    recorded_ids = built_images.read_sealed(context.state, plan.partnership, open_vault(context, plan))
    if not recorded_ids:
        context.progress.stage("the record of images is not sealed with this partnership's key, and is not believed")
    return recorded_ids


def _check_engines_answer(context: Context, engine_reach: Reach) -> None:
    """Raise OperationError when no engine at all answers."""
    if not engine_reach.identities:
        reason = " ".join(sorted(set(engine_reach.silent.values())))
        doctor_command = (
            f"moothall doctor --engines {context.engines_file}" if context.engines_file else "moothall doctor"
        )
        raise OperationError(reason, state="Nothing was touched.", hint=doctor_command)


def _check_allowed(
    context: Context, options: ApplyOptions, plan: Plan, engine_reach: Reach, leaving_stacks: tuple[str, ...]
) -> None:
    """Raise OperationError for a change that the policy refuses, or that nobody confirms."""
    has_key = key_id(context, plan) != NO_KEY
    if options.yes and not has_key:
        return  # where nothing has ever stood nothing can be destroyed
    preview_view, _ = preview.look(
        context, plan, engine_reach, leaving_stacks, events=options.events, accepted_sites=options.accept_engines
    )
    for refusal in preview_view["refusals"]:
        raise OperationError(
            f"the policy refuses this change: {refusal}",
            state="Nothing was touched.",
            hint=f"undo the change, or allow it in spec.policy of partnerships/{plan.partnership}/partnership.yaml",
            exit_code=REFUSED,
        )
    if not options.yes:
        from moothall.report.changes.view import KIND

        confirm(
            context.progress,
            Report(KIND, preview_view),
            "Make this change? Only 'yes' goes on: ",
            refusal="the change was not confirmed",
            no_answer="nobody confirmed the change",
            state="Nothing was touched.",
            hint=context.repeated_command("--yes"),
        )


def _tenants_to_await(plan: Plan, changed_stacks: set[str], visited_stacks: set[str]) -> list[TenantPlan]:
    """Return the tenants to wait for: those that a changed stack concerns, if all their own stacks were looked at.

    An instance whose servers changed concerns all its tenants. A selection may leave a tenant half stood up.
    """
    stacks = [stack for stack in plan.stacks if stack.name in changed_stacks]
    concerned_tenants = {(c.council, c.instance) for stack in stacks for c in stack.containers if c.council}
    instances = {stack.unit for stack in stacks if stack.kind == "instance"}
    return [
        tenant
        for tenant in plan.tenants
        if (tenant.council, tenant.instance) in concerned_tenants or tenant.instance in instances
        if {stack_of(name) for name in (tenant.relay, tenant.gateway, tenant.application)} <= visited_stacks
    ]


def _wait(
    plan: Plan, vault: Vault, engines: Engines, tenants: list[TenantPlan], seconds: float, progress: Progress
) -> list[WaitingView]:
    """Wait until the tenants answer and return what could not be reached in time."""
    if not tenants:
        return []
    progress.stage(f"waiting for {len(tenants)} tenants to answer")
    results = wait_ready(plan, vault, engines, tenants, seconds, progress)
    from moothall.report.changes.view import waiting_view

    return [
        waiting_view(result, _verify_command(tenant))
        for tenant, result in zip(tenants, results, strict=True)
        if result.status != PASSED
    ]


def _verify_command(tenant: TenantPlan) -> str:
    """Return the command that says why a tenant does not answer; it has stood up, and the next `up` finds it so."""
    return f"moothall verify --council {tenant.council} --instance {tenant.instance}"
