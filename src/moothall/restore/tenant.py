"""Put one council's database in place of the live one. No other database, role or container is read or touched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from moothall.docker_engine.errors import translate_docker_errors
from moothall.docker_engine.pool import EnginePool
from moothall.failures import CouldNotRun
from moothall.leaving.loading import READY
from moothall.model.planned import Container, TenantPlan
from moothall.ports import Progress
from moothall.restore.asking import ask, run, until
from moothall.restore.copy import DATA
from moothall.restore.subject import Subject

DUMP = "tenant.dump"
RENAME_SECONDS = 20.0
_PERMISSIONS = 0o777
"""All other bits of a mode say that something is no ordinary file (Go, io/fs, FileMode)."""


def bring(subject: Subject, server: Container, crew: EnginePool, progress: Progress) -> None:
    """Carry the tenant's database from the copy to the live server, under a name that nobody uses. Raises CouldNotRun.

    What an interrupted run left under that name is made anew.
    """
    [tenant] = subject.tenants
    holder, engine = crew.of(subject.backup.repository), crew.of(server.name)
    progress.stage(f"carrying the database of {tenant.council}")
    run(holder, subject.copy, ["pg_dump", "-U", "postgres", "-Fc", "-f", f"{DATA}/{DUMP}", tenant.database])
    with translate_docker_errors(f"The database of {tenant.council} cannot be carried to {server.name}"):
        stream, what = holder.read_files(subject.copy, f"{DATA}/{DUMP}")
        if what["mode"] & ~_PERMISSIONS:
            raise CouldNotRun(f"the dump in {subject.copy} is no file")
        engine.write_files(server.name, DATA, stream)
    for statement in _new(tenant):
        ask(engine, server.name, "postgres", statement)
    fill = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--role={tenant.database}"]
    run(engine, server.name, [*fill, "-U", "postgres", "-d", staging(tenant), f"{DATA}/{DUMP}"])
    ask(engine, server.name, staging(tenant), "ANALYZE")
    run(engine, server.name, ["rm", "-f", f"{DATA}/{DUMP}"])


def staging(tenant: TenantPlan) -> str:
    """Return the name of the database that waits to take the place; no tenant can have it."""
    return f"{tenant.database}.restored"


def swap(tenant: TenantPlan, source: str, server: Container, crew: EnginePool) -> str:
    """Give the database `source` the tenant's name, and the live one a name with the moment, which is returned.

    Both change names in one transaction. Raises CouldNotRun when the live one stays in use.
    """
    kept = f"{tenant.database}.before-{datetime.now(UTC):%Y%m%dt%H%M%S}"
    engine, name = crew.of(server.name), tenant.database
    there = ask(engine, server.name, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'")
    renames = [f'ALTER DATABASE "{name}" RENAME TO "{kept}"'] if there else []
    renames.append(f'ALTER DATABASE "{source}" RENAME TO "{name}"')
    leave = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('{name}', '{source}')"
    reason = CouldNotRun(f"the database {name} stays in use")

    def renamed() -> bool:
        nonlocal reason
        try:
            ask(engine, server.name, "postgres", leave, "; ".join(["BEGIN", *renames, "COMMIT"]))
        except CouldNotRun as refused:
            reason = refused
            return False
        return True

    if not until(renamed, RENAME_SECONDS):
        raise reason
    return kept if there else ""


def kept(tenant: TenantPlan, server: Container, crew: EnginePool) -> tuple[str, ...]:
    """Return the names of the tenant's former databases that are kept, the newest last."""
    pattern = (
        f"^{tenant.database}[.]before-[0-9]{{8}}t[0-9]{{6}}$"  # LIKE would take the _ of one for a letter of another
    )
    query = f"SELECT datname FROM pg_database WHERE datname ~ '{pattern}' ORDER BY 1"
    return tuple(name for [name] in ask(crew.of(server.name), server.name, "postgres", query))


def forget(names: Iterable[str], server: Container, crew: EnginePool) -> None:
    """Drop former databases of a tenant."""
    for name in names:
        ask(crew.of(server.name), server.name, "postgres", f'DROP DATABASE "{name}" WITH (FORCE)')


def _new(tenant: TenantPlan) -> tuple[str, ...]:
    name, owner = staging(tenant), tenant.database
    return (
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0',
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
        f'GRANT CREATE ON DATABASE "{name}" TO "{owner}"',
        f"COMMENT ON DATABASE \"{name}\" IS '{READY}'",
    )
