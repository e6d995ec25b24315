"""Put one council's database in place of the live one. No other database, role or container is read or touched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from moothall.docker_engine.pool import EnginePool
from moothall.model.planned import Container, TenantPlan
from moothall.operations.restore.record import STAMP, Exchange
from moothall.operations.restore.subject import Subject
from moothall.ports import Progress
from moothall.postgres import databases
from moothall.postgres.carry import carry
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import Session


def bring(subject: Subject, server: Container, engine_pool: EnginePool, progress: Progress) -> None:
    """Carry the tenant's database from the copy to the live server, under a name that nobody uses. Raises Inconclusive.

    What an interrupted run left under that name is recreated.
    """
    [tenant] = subject.tenants
    progress.stage(f"carrying the database of {tenant.council}")
    copy = DatabaseServer(engine_pool.of(subject.backup.repository), subject.copy)
    carry(copy, DatabaseServer(engine_pool.of(server.name), server.name), tenant.database, staging(tenant))


def staging(tenant: TenantPlan) -> str:
    """Return the name of the database that waits to take the place; no tenant can have it."""
    return f"{tenant.database}.restored"


def exchange_with(
    source: str, deed: str, target: str, tenant: TenantPlan, server: Container, engine_pool: EnginePool
) -> Exchange:
    """Return the exchange of the live database, where there is one, for the database `source`. Raises Inconclusive."""
    former_name = f"{tenant.database}.before-{datetime.now(UTC):{STAMP}}"
    replaces = databases.exists(_provisioning(server, engine_pool), tenant.database)
    return Exchange(deed, target, server.name, (source,), former_name, replaces, ())


def is_exchanged(tenant: TenantPlan, exchange: Exchange, server: Container, engine_pool: EnginePool) -> bool:
    """Return whether the databases of an exchange have changed names already. Raises Inconclusive.

    The former one then has its name; where there was none, what was to take the place is not under its own any more.
    """
    if exchange.replaces:
        return exchange.former_name in former_databases(tenant, server, engine_pool)
    session = _provisioning(server, engine_pool)
    return databases.exists(session, tenant.database) and not databases.exists(session, exchange.source[0])


def swap(tenant: TenantPlan, exchange: Exchange, server: Container, engine_pool: EnginePool) -> str:
    """Give a database the tenant's name, and the live one its former name, which is returned; empty if there was none.

    Both change names in one transaction, unless they have already. Raises Inconclusive when the live one stays in use.
    """
    if not is_exchanged(tenant, exchange, server, engine_pool):
        session, [source] = _provisioning(server, engine_pool), exchange.source
        databases.exchange(session, tenant.database, source, exchange.former_name)
    return exchange.former_name if exchange.replaces else ""


def former_databases(tenant: TenantPlan, server: Container, engine_pool: EnginePool) -> tuple[str, ...]:
    """Return the names of the tenant's former databases that are kept, the newest last."""
    return databases.former_names(_provisioning(server, engine_pool), tenant.database)


def forget(names: Iterable[str], server: Container, engine_pool: EnginePool) -> None:
    """Drop former databases of a tenant."""
    databases.drop(_provisioning(server, engine_pool), names)


def _provisioning(server: Container, engine_pool: EnginePool) -> Session:
    return DatabaseServer(engine_pool.of(server.name), server.name).provisioning()
