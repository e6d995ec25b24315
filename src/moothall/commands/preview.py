"""Show what `up` would change. Nothing is changed, on the engine or in the state."""

from __future__ import annotations

import argparse

from moothall.failures import BLOCKED, CHANGES, FAILED, OK, REFUSED
from moothall.model.outcome import Answer
from moothall.model.planned import Plan
from moothall.model.uses import ENGINES, PULUMI, SELECTION, Uses
from moothall.operations import session
from moothall.operations.stacks import deployed
from moothall.operations.stacks.engine_bindings import Reach, reach
from moothall.ports import Progress

HELP = "Show what `up` would create, change, restart, replace or remove, for whom, and because of which line."
USES = Uses((*SELECTION, *ENGINES, *PULUMI), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option that tells changes by the exit code."""
    deployed.events_argument(parser)
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when there are changes")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the changes, and why they would be refused."""
    plan = session.plan_of(options, alone=True)
    view, code = look(options, plan, reach(options, plan), deployed.leaving(options, plan), progress)
    return Answer("changes", view, code)


def look(
    options: argparse.Namespace, plan: Plan, found: Reach, leaving: tuple[str, ...], progress: Progress
) -> tuple[dict[str, object], int]:
    """Return the view of what `up` would change, and the exit code of having looked."""
    from moothall.keys import LateVault

    stood_up = session.key_id(options, plan) != session.NO_KEY
    vault = LateVault(lambda: session.open_vault(options, plan) if stood_up else session.passing_vault(plan))
    deployment = deployed.deployment(options, plan, vault, found)

    from moothall.deploy import deployment as deploy
    from moothall.deploy.changes import view
    from moothall.review.policy import refusals

    changes = deploy.preview(deployment, leaving, progress)
    if vault.failure is not None:  # one cause for all stacks that need it
        raise vault.failure
    shown = view(changes, [plan])
    refused = refusals(shown["stacks"], {plan.partnership: plan.policy})  # type: ignore[arg-type]
    code = exit_code(changes, detailed=getattr(options, "detailed_exitcode", False))
    return {**shown, "refusals": list(refused)}, REFUSED if refused and code in (OK, CHANGES) else code


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
