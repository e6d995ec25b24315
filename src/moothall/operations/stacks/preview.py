"""Looking ahead: what making a plan stand would change. Nothing is changed, on the engine or in the state."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from moothall.failures import BLOCKED, CHANGES, FAILED, OK, REFUSED
from moothall.model.outcome import Answer
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import NO_KEY, key_id, open_vault, passing_vault
from moothall.operations.stacks import deployed
from moothall.operations.stacks.engine_bindings import Reach, reach


def preview(context: Context, *, events: Path | None, detailed: bool) -> Answer:
    """Return the changes, and why they would be refused; when `detailed`, changes show in the exit code."""
    plan = chosen_plan(context, alone=True)
    return look(context, plan, reach(context, plan), deployed.leaving(context, plan), events=events, detailed=detailed)


def look(
    context: Context,
    plan: Plan,
    found: Reach,
    leaving: tuple[str, ...],
    *,
    events: Path | None,
    accepted: Collection[str] = (),
    detailed: bool = False,
) -> Answer:
    """Return what making the plan stand would change, and why that would be refused."""
    from moothall.keys import LateVault

    stood_up = key_id(context, plan) != NO_KEY
    vault = LateVault(lambda: open_vault(context, plan) if stood_up else passing_vault(plan))
    deployment = deployed.deployment(context, plan, vault, found, events=events, accepted=accepted)

    from moothall.deploy import deployment as deploy
    from moothall.deploy.changes import view
    from moothall.review.policy import refusals

    changes = deploy.preview(deployment, leaving, context.progress)
    if vault.failure is not None:  # one cause for all stacks that need it
        raise vault.failure
    shown = view(changes, [plan])
    refused = refusals(shown["stacks"], {plan.partnership: plan.policy})  # type: ignore[arg-type]
    code = exit_code(changes, detailed=detailed)
    view_of_all = {**shown, "refusals": list(refused)}
    return Answer("changes", view_of_all, REFUSED if refused and code in (OK, CHANGES) else code)


def exit_code(changes: list, *, detailed: bool) -> int:  # type: ignore[type-arg]  # StackChange would import the engine
    """Return the exit code of changes that were looked at or made."""
    statuses = {change.status for change in changes}
    if "refused" in statuses:
        return REFUSED
    if "locked" in statuses:
        return BLOCKED
    if statuses & {"failed", "could-not-run", "interrupted"}:
        return FAILED
    return CHANGES if detailed and any(change.changes for change in changes) else OK
