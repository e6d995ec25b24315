"""Make what stands equal to the plan, and wait until every tenant that changed can be logged in to."""

from __future__ import annotations

import argparse

from moothall.commands import preview
from moothall.failures import BLOCKED, FAILED, INTERRUPTED, REFUSED, Failure
from moothall.model.engines import Engines
from moothall.model.outcome import PASSED, Answer
from moothall.model.planned import Plan, TenantPlan
from moothall.model.stackname import stack_of
from moothall.model.uses import ENGINES, PULUMI, SELECTION, Uses
from moothall.operations import session
from moothall.operations.stacks import deployed, engine_bindings, remote_states
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.stacks.images import supply
from moothall.operations.stacks.interrupt import interruptible
from moothall.ports import Progress, Vault
from moothall.verify import wait_ready

HELP = "Make what stands equal to the plan: images, stacks in order, then wait until every changed tenant answers."
USES = Uses((*SELECTION, *ENGINES, *PULUMI), sound=True)
READY_SECONDS = 120.0
UNASKED = {"yes": True, "events": None, "wait": READY_SECONDS, "accept_engine": None}
"""The options of this verb when another one runs it."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options: not to be asked, how long to wait, and that an engine is another now."""
    deployed.events_argument(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before making the change")
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=_seconds,
        default=READY_SECONDS,
        help=f"how long a changed tenant may take to answer, {READY_SECONDS:g} if left out; 0: nobody is waited for",
    )
    parser.add_argument(
        "--accept-engine", metavar="SITE", action="append", help="the site has another engine now, and all is made anew"
    )


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make the change and return what came of it, with the addresses of the tenants."""
    plan = session.plan_of(options)
    found = engine_bindings.reach(options, plan)
    _somebody_answers(options, found)
    leaving = deployed.leaving(options, plan)
    _allowed(options, plan, found, leaving, progress)
    supply(found, plan, progress)
    engine_bindings.clear(plan, found)
    vault = session.open_vault(options, plan, create=True)

    from moothall.deploy import deployment as deploy
    from moothall.deploy.changes import view
    from moothall.deploy.identities import gone, remember
    from moothall.keys.generations import retire

    for council, uid in gone(options.state, plan, leaving).items():
        retire(options.state, plan.partnership, council, uid)
    remember(options.state, plan)
    engine_bindings.remember(options, plan, found)
    remote_states.remember(options, plan)
    with interruptible(progress) as stop:
        changes = deploy.up(deployed.deployment(options, plan, vault, found), leaving, progress, stop)
        code = INTERRUPTED if stop.is_set() else preview.exit_code(changes, detailed=False)
        touched = _touched(plan, {c.stack for c in changes if c.changes}, {c.stack for c in changes})
        ask = options.wait and not code
        waiting = _wait(plan, vault, found.engines, touched, options.wait, progress) if ask else []
    if leaving:
        remote_states.forget(options, plan, {*deployed.standing(options, plan), *(stack.name for stack in plan.stacks)})
    shown = view(changes, [plan], session.again(options))
    shown |= {"tenants": [_address(tenant) for tenant in plan.tenants], "waiting": waiting}
    return Answer("changes", shown, code or (FAILED if waiting else 0))


def _somebody_answers(options: argparse.Namespace, found: Reach) -> None:
    """Raise Failure when no engine at all answers."""
    if not found.identities:
        why = " ".join(sorted(set(found.silent.values())))
        doctor = f"moothall doctor --engines {options.engines}" if options.engines else "moothall doctor"
        raise Failure(why, left="Nothing was touched.", mend=doctor)


def _allowed(
    options: argparse.Namespace, plan: Plan, found: Reach, leaving: tuple[str, ...], progress: Progress
) -> None:
    """Raise Failure for a change that the policy refuses, or that nobody confirms."""
    anything = session.key_id(options, plan) != session.NO_KEY
    if options.yes and not anything:
        return  # where nothing has ever stood nothing can be destroyed
    view, _ = preview.look(options, plan, found, leaving, progress)
    for refusal in view["refusals"]:  # type: ignore[attr-defined]
        raise Failure(
            f"the policy refuses this change: {refusal}",
            left="Nothing was touched.",
            mend=f"undo the change, or allow it in spec.policy of partnerships/{plan.partnership}/partnership.yaml",
            exit_code=REFUSED,
        )
    if not options.yes:
        _confirm(options, Answer("changes", view), progress)


def _confirm(options: argparse.Namespace, answer: Answer, progress: Progress) -> None:
    typed = progress.ask(answer, "Make this change? Only 'yes' goes on: ")
    if typed != "yes":
        what = "nobody confirmed the change" if typed is None else "the change was not confirmed"
        raise Failure(what, left="Nothing was touched.", mend=session.again(options, "--yes"), exit_code=BLOCKED)


def _touched(plan: Plan, changed: set[str], looked_at: set[str]) -> list[TenantPlan]:
    """Return the tenants to wait for: those that a changed stack concerns, if all their own stacks were looked at.

    An instance whose servers changed concerns all its tenants. A selection may leave a tenant half stood up.
    """
    stacks = [stack for stack in plan.stacks if stack.name in changed]
    concerned = {(c.council, c.instance) for stack in stacks for c in stack.containers if c.council}
    instances = {stack.unit for stack in stacks if stack.kind == "instance"}
    return [
        tenant
        for tenant in plan.tenants
        if (tenant.council, tenant.instance) in concerned or tenant.instance in instances
        if {stack_of(name) for name in (tenant.relay, tenant.gateway, tenant.application)} <= looked_at
    ]


def _seconds(text: str) -> float:
    """Return how long to wait; raises ArgumentTypeError for what is no number of seconds, or more than a day."""
    if not text.isdecimal() or int(text) > 24 * 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, 0 to 86400")
    return float(text)


def _wait(
    plan: Plan, vault: Vault, engines: Engines, tenants: list[TenantPlan], seconds: float, progress: Progress
) -> list[dict[str, object]]:
    """Wait until the tenants answer and return what could not be reached in time."""
    if not tenants:
        return []
    progress.stage(f"waiting for {len(tenants)} tenants to answer")
    results = wait_ready(plan, vault, engines, tenants, seconds, progress)
    return [
        {"id": result.id, "subject": result.subject, "detail": result.detail, "mend": result.mend or _look(tenant)}
        for tenant, result in zip(tenants, results, strict=True)
        if result.status != PASSED
    ]


def _look(tenant: TenantPlan) -> str:
    """Return the command that says why a tenant does not answer; it has stood up, and the next `up` finds it so."""
    return f"moothall verify --council {tenant.council} --instance {tenant.instance}"


def _address(tenant: TenantPlan) -> dict[str, object]:
    return {
        "council": tenant.council,
        "instance": tenant.instance,
        "url": tenant.desk_url,
        "hostName": tenant.host_name,
        "database": tenant.database,
    }
