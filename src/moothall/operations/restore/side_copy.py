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
from moothall.operations.restore.comparison import Compared
from moothall.operations.restore.subject import Subject, primary
from moothall.plan.preparation import mark
from moothall.ports import Progress, Vault
from moothall.postgres.archive import archived_up_to_now
from moothall.postgres.changes import look
from moothall.postgres.databases import mark_of_role
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import MAINTENANCE, SUPERUSER, Session


@dataclass(frozen=True)
class Beside:
    """A copy that runs: how the whole instance is restored to it, which commit is its last, how long it took."""

    order: list[str]
    reached: datetime | None
    seconds: float
    notes: tuple[str, ...]


def have_copy(
    subject: Subject, moment: RecoveryTarget, engine_pool: EnginePool, vault: Vault, progress: Progress
) -> Beside:
    """Return a copy as of the moment, the one that runs already if there is one.

    Raises OperationError when the repository reaches back less far, or holds another council under the name then, and
    Inconclusive.
    """
    engine, begun, notes = engine_pool.of(subject.backup.repository), time.monotonic(), list[str]()
    if copy.find(engine, subject, moment):
        notes.append("the copy was there already")
    else:
        notes += _prepared(subject, engine_pool, progress)
        progress.stage(f"restoring {subject.name} beside, at {subject.backup.site}")
        made = copy.make(engine, subject, moment, vault)
        if made != moment:
            notes.append("the repository holds nothing after that moment: this is everything that it has")
        moment = made
    if subject.council:
        _refuse_anothers(engine, subject, subject.council)
    reached = DatabaseServer(engine, subject.copy).replayed_up_to()
    order = choose(engine, subject.copy, subject, moment).order(subject.backup.stanza, moment)
    return Beside(order, reached, round(time.monotonic() - begun, 1), tuple(notes))


def _refuse_anothers(engine: Engine, subject: Subject, council: str) -> None:
    """Discard the copy and raise OperationError when the council's name was another's then; without a mark it was its
    own."""
    [tenant] = subject.tenants
    found = mark_of_role(Session(engine, subject.copy, SUPERUSER, MAINTENANCE), tenant.database)
    if found and found != mark(subject.plan.identities[council]):
        copy.discard(engine, subject.plan.partnership, subject.copy)
        raise OperationError(
            f"{council} was the name of another council then, with the uid {found.rpartition(' ')[2]}",
            state="Nothing that runs was touched, and the copy is gone.",
            hint=f"moothall restore {subject.words} --at TIME  # later, when the data was its own",
            exit_code=REFUSED,
        )


def _prepared(subject: Subject, engine_pool: EnginePool, progress: Progress) -> list[str]:
    """See that what is committed by now is in the repository; return what is to be said when it is not."""
    server = primary(subject, engine_pool)
    if server is None:
        return [f"no server of {subject.instance} answers; the repository alone was used"]
    progress.stage("sending the last of the write-ahead log to the repository")
    if archived_up_to_now(Session(engine_pool.of(server.name), server.name, SUPERUSER, MAINTENANCE)):
        return []
    return ["the newest write-ahead log has not reached the repository"]


def comparison(subject: Subject, beside: Beside, engine_pool: EnginePool) -> list[Compared]:
    """Return for each tenant what the copy holds against what runs, or that this cannot be told: none stops others."""
    server = primary(subject, engine_pool)

    def compared(tenant: TenantPlan) -> Compared:
        restored = DatabaseServer(engine_pool.of(subject.backup.repository), subject.copy)
        try:
            runs = DatabaseServer(engine_pool.of(server.name), server.name) if server else None
            live = look(runs, tenant.database, beside.reached) if runs else None
            return Compared(tenant, live, look(restored, tenant.database, None))
        except Inconclusive as reason:
            return Compared(tenant, None, None, not_compared=str(reason))

    return list(map(compared, subject.tenants))
