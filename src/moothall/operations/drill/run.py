"""What `drill` does: in an isolated copy, or with what runs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Network

from moothall import paths
from moothall.deploy import built_images
from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive, OperationError
from moothall.imagetags import tags
from moothall.model.engines import Engines
from moothall.model.outcome import FAILED as MISSED
from moothall.model.outcome import CheckResult
from moothall.model.resolved import Partnership
from moothall.model.written import Definitions
from moothall.operations.context import Context
from moothall.operations.definitions import valid_definitions
from moothall.operations.drill.failover import failover_drill
from moothall.operations.drill.live_failover import fail_over_and_back
from moothall.operations.drill.measurement import Measurement, recovery_terms, view
from moothall.operations.drill.restore import restore_drill
from moothall.operations.drill.sandbox import NetworkTaken, stage, used_networks
from moothall.operations.drill.sandbox_definitions import sandbox_partnership
from moothall.operations.not_done import not_done
from moothall.operations.planning import by_id
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.copy import SECONDS
from moothall.operations.restore.run import Restore
from moothall.operations.restore.side_copy import SideCopy
from moothall.operations.restore.subject import Subject
from moothall.operations.restore.swap import SwapResult
from moothall.operations.secrets import open_vault, passing_vault, state_passphrase
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.stacks.images import supply
from moothall.operations.stacks.locks import hold_stacks
from moothall.plan import compile_plan
from moothall.report.drill.view import DrillView
from moothall.resolve import resolve

FAILOVER = "failover"
_CHOICES = 4
"""How often networks are chosen for a copy before the drill could not run."""


def drill_isolated(context: Context, kind: str, subject: Subject, reach: Reach, start_time: datetime) -> DrillView:
    """Drill in a copy of the instance, whole on the engine that holds its backups; return the view of the drill.

    `start_time` is when the command began.
    """
    from moothall.pulumi_engine import Backend

    endpoint = reach.engines.endpoint_of(subject.backup.site)
    partnership, partnership_networks = _resolve_partnership(context, subject)
    vault = open_vault(context, subject.plan)

    def drill(spare_count: int) -> Measurement:
        councils = [tenant.council for tenant in subject.tenants]
        copy = sandbox_partnership(
            partnership,
            subject.instance,
            councils,
            [*used_networks(Engine(endpoint)), *partnership_networks],
            spare_count,
        )
        plan = compile_plan(copy, tags(paths.IMAGES))
        recorded_ids = built_images.read_sealed(context.state, subject.plan.partnership, vault)
        here = Reach(Engines(endpoint), {}, {})
        ids, failures = supply(here, reach.engines.local, plan, recorded_ids, context.progress)
        for failure in failures.values():
            raise failure
        plan = by_id(plan, ids)
        locks = Backend(context.state, state_passphrase)
        with stage(plan, passing_vault(plan), endpoint, context.progress, locks) as sandbox:
            if kind == FAILOVER:
                return failover_drill(subject, vault, sandbox)
            return restore_drill(subject, EnginePool(subject.plan, reach.engines, SECONDS), vault, sandbox)

    measurement = _run(subject, partial(retry_on_taken_network, drill))
    return _view(kind, subject, "isolated", partnership, measurement, start_time)


def retry_on_taken_network(drill: Callable[[int], Measurement]) -> Measurement:
    """Drill on the first free networks; where somebody took one meanwhile, leave some by chance and choose again.

    By chance, since who took it may be another drill that chooses again in the same moment. Raises what `drill` does.
    """
    spare_count = 0
    for _ in range(_CHOICES - 1):
        try:
            return drill(spare_count)
        except NetworkTaken:
            spare_count = secrets.randbelow(2 * _CHOICES)
    return drill(spare_count)


def drill_live(
    context: Context, kind: str, subject: Subject, reach: Reach, start_time: datetime, confirmed_name: str | None
) -> DrillView:
    """Drill with what runs, and return the view of the drill: fail over and back; or restore everything and swap it in.

    What ran before a restore is kept, as after every one. `start_time` is when the command began; `confirmed_name`
    is the instance's name where it was given, for a failover in which changes may be lost.
    """
    partnership, _ = _resolve_partnership(context, subject)
    if kind == FAILOVER:
        measurement = _run(subject, lambda: fail_over_and_back(context, subject, confirmed_name))
        return _view(kind, subject, "live", partnership, measurement, start_time)
    vault, repeat_command = open_vault(context, subject.plan), context.repeated_command
    restore = Restore(subject, reach.engines, vault, context.progress, repeat_command, context.state)

    def drill() -> Measurement:
        with hold_stacks(context, subject.stacks):
            copy, _ = restore.restore_beside(RecoveryTarget(None))
            return _restore_measurement(subject, copy, restore.swap())

    return _view(kind, subject, "live", partnership, _run(subject, drill), start_time)


def _view(
    kind: str, subject: Subject, where: str, partnership: Partnership, measurement: Measurement, start_time: datetime
) -> DrillView:
    """Return the view of a drill that has just ended."""
    return view(
        kind,
        subject,
        where,
        recovery_terms(partnership, subject),
        measurement,
        start_time,
        datetime.now(UTC),
    )


def _run(subject: Subject, drill: Callable[[], Measurement]) -> Measurement:
    """Return what a drill measured; one that could not go on has that for its only result."""
    try:
        return drill()
    except (Inconclusive, OperationError) as reason:
        return Measurement(None, None, (not_done(f"drill.{subject.name}", "The drill is done", reason),))


def _restore_measurement(subject: Subject, copy: SideCopy, swap: SwapResult) -> Measurement:
    """Return the measures of a live restore: what it took to restore beside and to swap; rows written meanwhile."""
    results = tuple(
        CheckResult(f"login.{subject.name}", "Everybody can log in", MISSED, line) for line in swap.failed_logins
    )
    return Measurement(None if swap.failed_logins else round(copy.seconds + swap.seconds, 1), 0.0, results)


def _resolve_partnership(context: Context, subject: Subject) -> tuple[Partnership, list[IPv4Network]]:
    """Return the subject's partnership on the day, and the networks of all partnerships."""
    definitions = valid_definitions(context).definitions
    folders = {folder.partnership.metadata.name: folder for folder in definitions.folders}
    chosen_folder = folders[subject.plan.partnership]
    return resolve(chosen_folder, definitions.modules, context.as_of), _networks(definitions)


def _networks(definitions: Definitions) -> list[IPv4Network]:
    networks = []
    for folder in definitions.folders:
        networks += [IPv4Network(site.network) for site in folder.partnership.sites.values()]
        networks += [IPv4Network(link.network) for link in folder.partnership.links]
    return networks
