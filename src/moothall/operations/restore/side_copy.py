"""Restore beside: have a copy as of the moment, and say what it holds and what the running instance has beyond it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import REFUSED, Inconclusive, OperationError
from moothall.model.planned import TenantPlan
from moothall.operations.restore import copy
from moothall.operations.restore.backup_sets import RecoveryTarget, choose
from moothall.operations.restore.comparison import TenantComparison
from moothall.operations.restore.subject import Subject, primary
from moothall.plan.preparation import mark
from moothall.ports import Progress, Vault
from moothall.postgres.archive import archive_up_to_now
from moothall.postgres.changes import look
from moothall.postgres.databases import mark_of_role
from moothall.postgres.server import DatabaseServer


@dataclass(frozen=True)
class SideCopy:
    """A copy that runs: the options that restore the instance to it, its last commit, and the seconds it took."""

    restore_options: list[str]
    last_commit: datetime | None
    seconds: float
    notes: tuple[str, ...]


def have_copy(
    subject: Subject, target: RecoveryTarget, engine_pool: EnginePool, vault: Vault, progress: Progress
) -> SideCopy:
    """Return a copy as of the moment, the one that runs already if there is one.

    Raises OperationError when the repository reaches back less far, or holds another council under the name then, and
    Inconclusive.
    """
    engine, start_time, notes = engine_pool.of(subject.backup.repository), time.monotonic(), list[str]()
    if copy.find(engine, subject, target):
        notes.append("the copy was there already")
    else:
        notes += _archive_log(subject, engine_pool, progress)
        progress.stage(f"restoring {subject.name} beside, at {subject.backup.site}")
        reached_target = copy.make(engine, subject, target, vault)
        if reached_target != target:
            notes.append("the repository holds nothing after that moment: this is everything that it has")
        target = reached_target
    if subject.council:
        _refuse_other_council(engine, subject, subject.council)
    last_commit = DatabaseServer(engine, subject.copy).last_replay_time()
    order = choose(engine, subject.copy, subject, target).order(subject.backup.stanza, target)
    return SideCopy(order, last_commit, round(time.monotonic() - start_time, 1), tuple(notes))


def _refuse_other_council(engine: Engine, subject: Subject, council: str) -> None:
    """Discard the copy and raise OperationError when the council's name was another's then; without a mark it was its
    own."""
    [tenant] = subject.tenants
    role_mark = mark_of_role(DatabaseServer(engine, subject.copy).provisioning(), tenant.database)
    if role_mark and role_mark != mark(subject.plan.identities[council]):
        copy.discard(engine, subject.plan.partnership, subject.copy)
        raise OperationError(
            f"{council} was the name of another council then, with the uid {role_mark.rpartition(' ')[2]}",
            state="Nothing that runs was touched, and the copy is gone.",
            hint=f"moothall restore {subject.words} --at TIME  # later, when the data was its own",
            exit_code=REFUSED,
        )


def _archive_log(subject: Subject, engine_pool: EnginePool, progress: Progress) -> list[str]:
    """Have all log up to now archived in the repository; return a note for the user where that did not succeed."""
    server = primary(subject, engine_pool)
    if server is None:
        return [f"no server of {subject.instance} answers; the repository alone was used"]
    progress.stage("sending the last of the write-ahead log to the repository")
    if archive_up_to_now(DatabaseServer(engine_pool.of(server.name), server.name).administration()):
        return []
    return ["the newest write-ahead log has not reached the repository"]


def compare_tenants(subject: Subject, side_copy: SideCopy, engine_pool: EnginePool) -> list[TenantComparison]:
    """Return each tenant's copy compared with what runs; where that fails the comparison says why."""
    server = primary(subject, engine_pool)

    def compare(tenant: TenantPlan) -> TenantComparison:
        copy_server = DatabaseServer(engine_pool.of(subject.backup.repository), subject.copy)
        try:
            live_server = DatabaseServer(engine_pool.of(server.name), server.name) if server else None
            live = look(live_server, tenant.database, side_copy.last_commit) if live_server else None
            return TenantComparison(tenant, live, look(copy_server, tenant.database, None))
        except Inconclusive as reason:
            return TenantComparison(tenant, None, None, failure=str(reason))

    return list(map(compare, subject.tenants))
