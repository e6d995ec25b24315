"""What `drill` does: in an isolated copy, or with what runs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Network

from moothall import paths
from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive, OperationError
from moothall.imagetags import tags
from moothall.model.engines import Engines
from moothall.model.outcome import COULD_NOT_RUN, CheckResult
from moothall.model.outcome import FAILED as MISSED
from moothall.model.resolved import Partnership
from moothall.model.written import Definitions
from moothall.operations.context import Context
from moothall.operations.definitions import valid_definitions
from moothall.operations.drill import recovery_objectives
from moothall.operations.drill.failover import failover_drill
from moothall.operations.drill.recovery_objectives import Measured
from moothall.operations.drill.restore import restore_drill
from moothall.operations.drill.sandbox import NetworkTaken, busy, stage
from moothall.operations.drill.sandbox_definitions import sandbox_partnership
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.copy import SECONDS
from moothall.operations.restore.run import Restore
from moothall.operations.restore.side_copy import Beside
from moothall.operations.restore.subject import Subject
from moothall.operations.restore.swap import Swapped
from moothall.operations.secrets import open_vault, passing_vault, state_passphrase
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.stacks.images import supply
from moothall.operations.switchover.failback import failback
from moothall.operations.switchover.failover import FailoverOptions, failover
from moothall.operations.switchover.switchover_context import SwitchOptions
from moothall.plan import compile_plan
from moothall.report.drill.view import DrillView
from moothall.report.switch.view import SwitchView
from moothall.resolve import resolve

FAILOVER = "failover"
_CHOICES = 4
"""How often networks are chosen for a copy before the drill could not run."""


def isolated(context: Context, kind: str, subject: Subject, found: Reach, began: datetime) -> DrillView:
    """Drill in a copy of the instance, whole on the engine that holds its backups; return the view of the drill.

    `began` is when it was asked for.
    """
    from moothall.pulumi_engine import Backend

    endpoint = found.engines.at(subject.backup.site)
    partnership, taken = _resolved(context, subject)
    vault = open_vault(context, subject.plan)

    def drill(spare: int) -> Measured:
        councils = [tenant.council for tenant in subject.tenants]
        copy = sandbox_partnership(partnership, subject.instance, councils, [*busy(Engine(endpoint)), *taken], spare)
        plan = compile_plan(copy, tags(paths.IMAGES))
        supply(Reach(Engines(endpoint), {}, {}), plan, context.progress)
        locks = Backend(context.state, state_passphrase)
        with stage(plan, passing_vault(plan), endpoint, context.progress, locks) as place:
            if kind == FAILOVER:
                return failover_drill(subject, vault, place)
            return restore_drill(subject, EnginePool(subject.plan, found.engines, SECONDS), vault, place)

    measured = _run(subject, partial(choosing, drill))
    return _view(kind, subject, "isolated", partnership, measured, began)


def choosing(drill: Callable[[int], Measured]) -> Measured:
    """Drill on the first free networks; where somebody took one meanwhile, leave some by chance and choose again.

    By chance, since who took it may be another drill that chooses again in the same moment. Raises what `drill` does.
    """
    spare = 0
    for _ in range(_CHOICES - 1):
        try:
            return drill(spare)
        except NetworkTaken:
            spare = secrets.randbelow(2 * _CHOICES)
    return drill(spare)


def live(
    context: Context, kind: str, subject: Subject, found: Reach, began: datetime, confirm: str | None
) -> DrillView:
    """Drill with what runs, and return the view of the drill: fail over and back; or restore everything and swap it in.

    What ran before a restore is kept, as after every one. `began` is when it was asked for; `confirm` is the
    instance's name where it was given, for a failover in which changes may be lost.
    """
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.state import lock

    partnership, _ = _resolved(context, subject)
    if kind == FAILOVER:
        measured = _run(subject, lambda: _there_and_back(context, subject, confirm))
        return _view(kind, subject, "live", partnership, measured, began)
    vault, again = open_vault(context, subject.plan), context.again
    restore = Restore(subject, found.engines, vault, context.progress, again)

    def drill() -> Measured:
        with lock.hold_all(Backend(context.state, state_passphrase), PROJECT, subject.stacks):
            copy, _ = restore.beside(RecoveryTarget(None))
            return _measured(subject, copy, restore.swap())

    return _view(kind, subject, "live", partnership, _run(subject, drill), began)


def _view(
    kind: str, subject: Subject, where: str, partnership: Partnership, measured: Measured, began: datetime
) -> DrillView:
    """Return the view of a drill that has just ended."""
    return recovery_objectives.view(
        kind, subject, where, recovery_objectives.agreed(partnership, subject), measured, began, datetime.now(UTC)
    )


def _run(subject: Subject, drill: Callable[[], Measured]) -> Measured:
    """Return what a drill measured; one that could not go on has that for its only result."""
    try:
        return drill()
    except (Inconclusive, OperationError) as reason:
        said = reason.message if isinstance(reason, OperationError) else str(reason)
        return Measured(None, None, (CheckResult(f"drill.{subject.name}", "The drill is done", COULD_NOT_RUN, said),))


def _there_and_back(context: Context, subject: Subject, confirm: str | None) -> Measured:
    """Fail over and fail back; what counts is the way there. Raises OperationError."""
    there = failover(context, FailoverOptions(subject.instance, yes=True, confirm=confirm, why="a drill"))
    back = failback(context, SwitchOptions(subject.instance, yes=True, confirm=confirm))
    results = _results("there", there) + _results("back", back)
    if "said" in there:
        return Measured(None, None, results)
    return Measured(there["recoveryTimeSeconds"], there["recoveryPointSeconds"], results)


def _results(way: str, switch: SwitchView) -> tuple[CheckResult, ...]:
    """Return the results of one way; the terms are held up by the drill itself."""
    found = [
        CheckResult(f"{way}.{each['id']}", each["subject"], each["status"], each["detail"], each["seconds"])
        for each in switch["results"]
    ]
    return tuple(result for result in found if ".recovery-" not in result.id)


def _measured(subject: Subject, copy: Beside, swap: Swapped) -> Measured:
    """Return the measures of a live restore: what it took to restore beside and to swap; rows written meanwhile."""
    results = tuple(CheckResult(f"login.{subject.name}", "Everybody can log in", MISSED, line) for line in swap.waiting)
    return Measured(None if swap.waiting else round(copy.seconds + swap.seconds, 1), 0.0, results)


def _resolved(context: Context, subject: Subject) -> tuple[Partnership, list[IPv4Network]]:
    """Return the subject's partnership on the day, and the networks of all partnerships."""
    definitions = valid_definitions(context).definitions
    folders = {folder.partnership.metadata.name: folder for folder in definitions.folders}
    chosen = folders[subject.plan.partnership]
    return resolve(chosen, definitions.modules, context.as_of), _networks(definitions)


def _networks(definitions: Definitions) -> list[IPv4Network]:
    found = []
    for folder in definitions.folders:
        found += [IPv4Network(site.network) for site in folder.partnership.sites.values()]
        found += [IPv4Network(link.network) for link in folder.partnership.links]
    return found
