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
from moothall.operations.drill.measurement import Measurement
from moothall.operations.drill.sandbox import Stage
from moothall.operations.restore import copy
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.instance import accepts_writes, follow
from moothall.operations.restore.subject import Subject, primary
from moothall.ports import Vault
from moothall.postgres.changes import Database, first_change, look
from moothall.postgres.server import DatabaseServer
from moothall.waiting import wait_until

_START_SECONDS = 120.0
_GRACE_SECONDS = 1


def restore_drill(subject: Subject, engine_pool: EnginePool, vault: Vault, place: Stage) -> Measurement:
    """Restore the subject in the isolated copy and measure. The running instance is only read. Raises Inconclusive.

    Recovery time counts from when the restore begins, with machines, networks and servers there, to the last login.
    Recovery point is how old the first change was then that the repository has not: as if all else were lost that
    moment. Who changes the same record again meanwhile hides that it was changed before.
    """
    place.up(lambda stack: stack.kind != "council")
    start_time, moment = time.monotonic(), datetime.now(UTC)
    fill(subject, vault, place)
    databases, read_errors = _read_databases(subject, place)
    place.up()
    logins = place.log_in()
    recovery_time = (
        round(time.monotonic() - start_time, 1) if all(result.status == PASSED for result in logins) else None
    )
    server = primary(subject, engine_pool)
    if server is None:
        return Measurement(recovery_time, None, (*_data_results(subject, databases, read_errors), *logins))
    live_server = DatabaseServer(engine_pool.of(server.name), server.name)
    points = [_lost_seconds(live_server, tenant, databases.get(tenant.council), moment) for tenant in subject.tenants]
    point = None if None in points else max(point or 0.0 for point in points)
    return Measurement(recovery_time, point, (*_data_results(subject, databases, read_errors), *logins))


def _read_databases(subject: Subject, place: Stage) -> tuple[dict[str, Database | None], dict[str, str]]:
    """Return by council the databases in the copy, and the reasons for those that could not be read."""
    databases: dict[str, Database | None] = {}
    read_errors: dict[str, str] = {}
    for tenant in subject.tenants:
        try:
            databases[tenant.council] = look(
                DatabaseServer(place.engine, server_of(place.plan).name), tenant.database, None
            )
        except Inconclusive as reason:
            read_errors[tenant.council] = str(reason)
    return databases, read_errors


def _data_results(
    subject: Subject, databases: Mapping[str, Database | None], read_errors: Mapping[str, str]
) -> Iterator[CheckResult]:
    """Yield for each tenant whether the repository has its data; every table was read to count its rows."""
    for tenant in subject.tenants:
        check_id, title = (
            f"data.{tenant.council}.{subject.instance}",
            f"The data of {tenant.council_title} is in the backups",
        )
        if tenant.council in read_errors:
            yield CheckResult(check_id, title, COULD_NOT_RUN, f"it could not be read: {read_errors[tenant.council]}")
            continue
        database = databases[tenant.council]
        rows = sum(table.rows for table in database.tables.values()) if database else 0
        detail = (
            f"{rows} rows in {len(database.tables)} tables read, last change {database.last_change}" if database else ""
        )
        yield CheckResult(
            check_id,
            title,
            PASSED if rows else FAILED,
            detail if rows else "its database is not there, or empty",
        )


def _lost_seconds(
    server: DatabaseServer, tenant: TenantPlan, database: Database | None, moment: datetime
) -> float | None:
    """Return the age (seconds) at the moment of the first change that the copy lacks; None where it is unknown."""
    if database is None:
        return None
    try:
        change_time = first_change(server.tenant_session(tenant.database), database.last_change, moment)
    except Inconclusive:
        return None
    return (moment - change_time).total_seconds() if change_time else 0.0


def fill(subject: Subject, vault: Vault, place: Stage) -> None:
    """Give the isolated copy's servers the cluster that the real repository holds.

    Raises Inconclusive, and OperationError when the repository is empty.
    """
    server, engine = server_of(place.plan), place.engine
    place.progress.stage(f"restoring {subject.name} into {place.plan.partnership}")
    with translate_docker_errors("The servers of the copy cannot be stopped"):
        for database_server in place.plan.servers(subject.instance):
            engine.stop(database_server.name, _GRACE_SECONDS)  # what they have is thrown away
    data = f"{stack_of(server.name)}.data"
    copy_place = copy.CopyPlace(f"{place.plan.partnership}.copy", data, place.plan.partnership)
    copy.make(engine, subject, RecoveryTarget(None), vault, copy_place)
    DatabaseServer(engine, copy_place.name).forget_recovery()
    failure_text = f"{server.name} cannot be given what was restored"
    with translate_docker_errors(failure_text):
        engine.stop(copy_place.name, server.stop_seconds)
    copy.discard(engine, copy_place.owner, copy_place.name)
    with translate_docker_errors(failure_text):
        engine.start(server.name)
    if not wait_until(lambda: accepts_writes(engine, server), _START_SECONDS):
        raise Inconclusive(f"{server.name} does not serve what was restored")
    for database_server in place.plan.servers(subject.instance):
        if database_server != server:
            follow(engine, database_server)


def server_of(plan: Plan) -> Container:
    """Return the server of the isolated copy that takes writes."""
    standbys = {mirror.standby for mirror in plan.mirrors}
    return next(c for stack in plan.stacks for c in stack.containers if c.role == "postgres" and c.name not in standbys)
