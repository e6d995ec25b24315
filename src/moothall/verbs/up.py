"""Make what stands equal to the plan, and wait until every tenant that changed can be logged in to."""

from __future__ import annotations

import argparse
import threading

from moothall.failures import BLOCKED, FAILED, INTERRUPTED, Failure
from moothall.model.outcome import PASSED, Answer
from moothall.model.planned import Plan, TenantPlan
from moothall.ports import Progress, Vault
from moothall.verbs import preview, session, standing
from moothall.verbs.interrupt import interruptible
from moothall.verify import clear_probes, wait_ready

HELP = "Make what stands equal to the plan: images, stacks in order, then wait until every changed tenant answers."
READY_SECONDS = 120.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option that leaves out the question."""
    parser.add_argument("--yes", action="store_true", help="do not ask before making the change")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make the change and return what came of it, with the addresses of the tenants."""
    plan = session.plan_of(options)
    host = session.engine_host(options)
    leaving = standing.leaving(options, plan)
    if not options.yes:
        _confirm(options, progress)
    _build_images(host, progress)
    clear_probes(host, plan.partnership)
    vault = session.open_vault(options, plan, create=True)

    from moothall.deploy import deployment as deploy
    from moothall.deploy.changes import view

    with interruptible(progress) as stop:
        changes = deploy.up(standing.deployment(options, plan, vault), leaving, progress, stop)
        code = INTERRUPTED if stop.is_set() else preview.exit_code(changes, detailed=False)
        touched = _touched(plan, {c.stack for c in changes if c.changes}, {c.stack for c in changes})
        waiting = [] if code else _wait(plan, vault, host, touched, progress, stop)
    shown = view(changes, [plan]) | {"tenants": [_address(tenant) for tenant in plan.tenants], "waiting": waiting}
    return Answer("changes", shown, code or (FAILED if waiting else 0))


def _confirm(options: argparse.Namespace, progress: Progress) -> None:
    options.detailed_exitcode = False
    answer = preview.run(options, progress)
    typed = progress.ask(answer, "Make this change? Only 'yes' goes on: ")
    if typed != "yes":
        what = "nobody confirmed the change" if typed is None else "the change was not confirmed"
        raise Failure(what, left="Nothing was touched.", mend="moothall up --yes", exit_code=BLOCKED)


def _build_images(host: str, progress: Progress) -> None:
    from moothall.engine import images

    folder = session.images()
    missing = images.missing(folder, host)
    if missing:
        progress.stage(f"building images: {', '.join(missing)}")
        images.ensure(folder, host, progress=progress.stage)


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
        if {_stack_of(name) for name in (tenant.relay, tenant.gateway, tenant.application)} <= looked_at
    ]


def _stack_of(container: str) -> str:
    return container.rpartition(".")[0]


def _wait(
    plan: Plan, vault: Vault, host: str, tenants: list[TenantPlan], progress: Progress, stop: threading.Event
) -> list[dict[str, object]]:
    """Wait until the tenants answer and return what could not be reached in time."""
    if not tenants or stop.is_set():
        return []
    progress.stage(f"waiting for {len(tenants)} tenants to answer")
    results = wait_ready(plan, vault, host, tenants, READY_SECONDS, progress)
    return [
        {"id": result.id, "subject": result.subject, "detail": result.detail}
        for result in results
        if result.status != PASSED
    ]


def _address(tenant: TenantPlan) -> dict[str, object]:
    return {
        "council": tenant.council,
        "instance": tenant.instance,
        "url": tenant.desk_url,
        "hostName": tenant.host_name,
        "database": tenant.database,
    }
