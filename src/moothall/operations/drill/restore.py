"""The restore drill: the instance from its real repository, in the isolated copy, until everybody can log in."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from moothall.docker_engine.errors import translate_docker_errors
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import Container, Plan, TenantPlan
from moothall.model.stackname import stack_of
from moothall.operations.drill.recovery_objectives import Measured
from moothall.operations.drill.sandbox import Stage
from moothall.operations.restore import copy
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.instance import follow, serves
from moothall.operations.restore.subject import Subject, primary
from moothall.ports import Vault
from moothall.postgres.changes import Database, first_change, look
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import SUPERUSER
from moothall.waiting import wait_until

_START_SECONDS = 120.0
_GRACE_SECONDS = 1


def restore_drill(subject: Subject, engine_pool: EnginePool, vault: Vault, place: Stage) -> Measured:
    """Restore the subject in the isolated copy and measure. The running instance is only read. Raises Inconclusive.

    Recovery time counts from when the restore begins, with machines, networks and servers there, to the last login.
    Recovery point is how old the first change was then that the repository has not: as if all else were lost that
    moment. Who changes the same record again meanwhile hides that it was changed before.
    """
    place.up(lambda stack: stack.kind != "council")
    begun, moment = time.monotonic(), datetime.now(UTC)
    fill(subject, vault, place)
    held, unread = _held(subject, place)
    place.up()
    logins = place.log_in()
    took = round(time.monotonic() - begun, 1) if all(r.status == PASSED for r in logins) else None
    server = primary(subject, engine_pool)
    if server is None:
        return Measured(took, None, (*_data(subject, held, unread), *logins))
    runs = DatabaseServer(engine_pool.of(server.name), server.name)
    points = [_lost_seconds(runs, t, held.get(t.council), moment) for t in subject.tenants]
    point = None if None in points else max(point or 0.0 for point in points)
    return Measured(took, point, (*_data(subject, held, unread), *logins))


def _held(subject: Subject, place: Stage) -> tuple[dict[str, Database | None], dict[str, str]]:
    """Return what the copy holds of each tenant, and of whom this cannot be told, and why."""
    held: dict[str, Database | None] = {}
    unread: dict[str, str] = {}
    for tenant in subject.tenants:
        try:
            held[tenant.council] = look(DatabaseServer(place.engine, server_of(place.plan).name), tenant.database, None)
        except Inconclusive as reason:
            unread[tenant.council] = str(reason)
    return held, unread


def _data(subject: Subject, held: Mapping[str, Database | None], unread: Mapping[str, str]) -> Iterator[CheckResult]:
    """Yield for each tenant whether the repository has its data; every table was read to count its rows."""
    for tenant in subject.tenants:
        id_, title = (
            f"data.{tenant.council}.{subject.instance}",
            f"The data of {tenant.council_title} is in the backups",
        )
        if tenant.council in unread:
            yield CheckResult(id_, title, COULD_NOT_RUN, f"it could not be read: {unread[tenant.council]}")
            continue
        found = held[tenant.council]
        rows = sum(table.rows for table in found.tables.values()) if found else 0
        good = f"{rows} rows in {len(found.tables)} tables read, last change {found.changed}" if found else ""
        yield CheckResult(
            id_,
            title,
            PASSED if rows else FAILED,
            good if rows else "its database is not there, or empty",
        )


def _lost_seconds(server: DatabaseServer, tenant: TenantPlan, held: Database | None, moment: datetime) -> float | None:
    """Return how old the first change was at the moment that runs and is not held; None where that cannot be told."""
    if held is None:
        return None
    try:
        first = first_change(server.session(SUPERUSER, tenant.database), held.changed, moment)
    except Inconclusive:
        return None
    return (moment - first).total_seconds() if first else 0.0


def fill(subject: Subject, vault: Vault, place: Stage) -> None:
    """Give the isolated copy's servers the cluster that the real repository holds.

    Raises Inconclusive, and OperationError when the repository is empty.
    """
    server, engine = server_of(place.plan), place.engine
    place.progress.stage(f"restoring {subject.name} into {place.plan.partnership}")
    with translate_docker_errors("The servers of the copy cannot be stopped"):
        for each in place.plan.servers(subject.instance):
            engine.stop(each.name, _GRACE_SECONDS)  # what they have is thrown away
    data = f"{stack_of(server.name)}.data"
    spot = copy.Spot(f"{place.plan.partnership}.copy", data, place.plan.partnership)
    copy.make(engine, subject, RecoveryTarget(None), vault, spot)
    DatabaseServer(engine, spot.name).forget_recovery()
    untaken = f"{server.name} cannot be given what was restored"
    with translate_docker_errors(untaken):
        engine.stop(spot.name, server.stop_seconds)
    copy.discard(engine, spot.owner, spot.name)
    with translate_docker_errors(untaken):
        engine.start(server.name)
    if not wait_until(lambda: serves(engine, server), _START_SECONDS):
        raise Inconclusive(f"{server.name} does not serve what was restored")
    for each in place.plan.servers(subject.instance):
        if each != server:
            follow(engine, each)


def server_of(plan: Plan) -> Container:
    """Return the server of the isolated copy that takes writes."""
    standbys = {mirror.standby for mirror in plan.mirrors}
    return next(c for stack in plan.stacks for c in stack.containers if c.role == "postgres" and c.name not in standbys)
