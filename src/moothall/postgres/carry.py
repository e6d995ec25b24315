"""A tenant's database carried from one server to another, which may be on another engine: as a dump, in a file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.failures import Inconclusive
from moothall.postgres import databases
from moothall.postgres.dump import dump_to_file, restore_from_file
from moothall.postgres.paths import DATA
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import NUMBER, Session

DUMP = "tenant.dump"
_COPIES = 3
"""The dump at both servers, hardly ever larger than the database, and the database; both may have one disk."""
_MEGABYTE = 1e6
_PERMISSIONS = 0o777
"""All other bits of a mode say that something is no ordinary file (Go, io/fs, FileMode)."""


def carry(source: DatabaseServer, target: DatabaseServer, tenant: str, database: str) -> None:
    """Fill a database of the target with what the tenant's has at the source. Raises Inconclusive.

    What has the name `database` there is recreated; it is the tenant's in the end, and ready for the preparing job.
    """
    dump_to_file(source.tenant_session(tenant), f"{DATA}/{DUMP}")
    with translate_docker_errors(f"The database {tenant} cannot be carried to {target.container}"):
        stream, metadata = source.engine.read_files(source.container, f"{DATA}/{DUMP}")
        if metadata["mode"] & ~_PERMISSIONS:
            raise Inconclusive(f"the dump in {source.container} is no file")
        target.engine.write_files(target.container, DATA, stream)
    provisioning = target.provisioning()
    databases.create(provisioning, database, tenant)
    databases.mark_ready(provisioning, database)
    session = target.tenant_session(tenant, database)
    code, output = restore_from_file(session, f"{DATA}/{DUMP}", "--no-privileges")
    if code:
        raise Inconclusive(f"pg_restore in {target.container} ended with {code}: {last_line(output)}")
    databases.analyze(session)
    discard_dump(target)


def require_room(servers: Iterable[DatabaseServer], session: Session) -> None:
    """Raise Inconclusive unless each server has room to carry the database of a tenant's session.

    A disk that is full stops all who are on it.
    """
    [size] = session.row("SELECT pg_database_size(current_database())", NUMBER)
    needed = _COPIES * int(size)
    for server in servers:
        answer = server.engine.command_output(server.container, ["df", "-B1", "--output=avail", DATA])
        room = re.fullmatch(r"\s*Avail\s+([0-9]{1,19})\s*", answer)
        if not room:
            raise Inconclusive(f"df in {server.container} did not answer as expected: {answer:.200}")
        if int(room[1]) < needed:
            figures = f"{int(room[1]) / _MEGABYTE:.0f} MB free, and {needed / _MEGABYTE:.0f} MB are needed"
            raise Inconclusive(f"The disk of {server.container} has {figures} to carry {session.database}.")


def discard_dump(server: DatabaseServer) -> None:
    """Remove the file in which a dump was carried. Raises Inconclusive."""
    server.engine.answer(server.container, ["rm", "-f", f"{DATA}/{DUMP}"])
