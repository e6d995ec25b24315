"""Looking ahead: what making a plan stand would change. Nothing is changed, on the engine or in the state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from moothall.failures import BLOCKED, CHANGES, FAILED, OK, REFUSED
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.planning import built_plan
from moothall.operations.secrets import NO_KEY, key_id, open_vault, passing_vault
from moothall.operations.stacks import deployed
from moothall.operations.stacks.engine_bindings import Reach, reach
from moothall.operations.tenant_move.guard import data_elsewhere

if TYPE_CHECKING:  # they know the engine, which is loaded late
    from moothall.deploy.changes import StackChange
    from moothall.report.changes.view import ChangesView


def preview(context: Context, *, events: Path | None, detailed: bool) -> tuple[ChangesView, int]:
    """Return the changes, why they would be refused, and the exit code; when `detailed`, changes show in it."""
    plan = built_plan(context, council_only=True)
    leaving_stacks = deployed.leaving_stacks(context, plan)
    engine_reach = reach(context, plan)
    view, code = look(context, plan, engine_reach, leaving_stacks, events=events, detailed=detailed)
    if found := [f"{refusal}: {refusal.hint}" for refusal in data_elsewhere(context, plan, engine_reach)]:
        view["refusals"] += found
        code = REFUSED if code in (OK, CHANGES) else code
    return view, code


def look(
    context: Context,
    plan: Plan,
    engine_reach: Reach,
    leaving_stacks: tuple[str, ...],
    *,
    events: Path | None,
    accepted_sites: Collection[str] = (),
    detailed: bool = False,
) -> tuple[ChangesView, int]:
    """Return what making the plan stand would change, and why that would be refused, and the exit code."""
    from moothall.keys import LateVault

    has_key = key_id(context, plan) != NO_KEY
    vault = LateVault(lambda: open_vault(context, plan) if has_key else passing_vault(plan))
    deployment = deployed.deployment(context, plan, vault, engine_reach, events=events, accepted_sites=accepted_sites)

    from moothall.deploy import deployment as deploy
    from moothall.report.changes.view import view
    from moothall.review.policy import JudgedStep, refusals

    changes = deploy.preview(deployment, leaving_stacks, context.progress)
    if vault.failure is not None:  # one cause for all stacks that need it
        raise vault.failure
    changes_view = view(changes, [plan])
    steps = [
        JudgedStep(stack["stack"], step["op"], step["type"], step["name"], step["effect"])
        for stack in changes_view["stacks"]
        for step in stack["steps"]
    ]
    changes_view["refusals"] = list(refusals(steps, {plan.partnership: plan.policy}))
    code = exit_code(changes, detailed=detailed)
    return changes_view, REFUSED if changes_view["refusals"] and code in (OK, CHANGES) else code


def exit_code(changes: Sequence[StackChange], *, detailed: bool) -> int:
    """Return the exit code of changes that were looked at or made."""
    statuses = {change.status for change in changes}
    if "refused" in statuses:
        return REFUSED
    if "locked" in statuses:
        return BLOCKED
    if statuses & {"failed", "could-not-run", "interrupted"}:
        return FAILED
    return CHANGES if detailed and any(change.changes for change in changes) else OK
