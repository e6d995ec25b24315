"""Show what `up` would change. Nothing is changed, on the engine or in the state."""

from __future__ import annotations

import argparse

from moothall.failures import BLOCKED, CHANGES, FAILED, OK, REFUSED
from moothall.model.outcome import Answer
from moothall.ports import Progress
from moothall.verbs import session, standing

HELP = "Show what `up` would create, change, restart, replace or remove, for whom, and because of which line."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option that tells changes by the exit code."""
    parser.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when there are changes")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the changes."""
    plan = session.plan_of(options)
    stood_up = session.key_id(options, plan) != session.NO_KEY
    vault = session.open_vault(options, plan) if stood_up else session.passing_vault(plan)
    deployment = standing.deployment(options, plan, vault)
    leaving = standing.leaving(options, plan)

    from moothall.deploy import deployment as deploy
    from moothall.deploy.changes import view

    changes = deploy.preview(deployment, leaving, progress)
    return Answer("changes", view(changes, [plan]), exit_code(changes, detailed=options.detailed_exitcode))


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
