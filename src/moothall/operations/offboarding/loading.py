"""Loading a dump into a server: a throw-away one, or that of an instance which has no such tenant yet."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.failures import Inconclusive
from moothall.postgres import databases
from moothall.postgres.dump import restore_from_file
from moothall.postgres.paths import DATA, UID
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import Session

_BAD_DUMP = 1
"""How pg_restore ends that cannot restore a dump (PostgreSQL 15); another code is of whoever ended it."""


class RestoreFailed(Inconclusive):
    """pg_restore ended with an error on a server that answers: this is bad news about the dump."""


def restore(server: DatabaseServer, dump: Path, database: str) -> None:
    """Restore a dump into a new database, as a new role of the same name that has no password yet.

    A database of that name which an earlier attempt has left unfinished is dropped first. Raises `RestoreFailed` for a
    dump that cannot be restored, and `Inconclusive` when something else goes wrong.
    """
    container_path = f"{DATA}/{database}.dump"
    with translate_docker_errors("The dump cannot be handed over"):
        server.engine.write_files(server.container, DATA, _archive(dump, f"{database}.dump"))
    session = server.provisioning()
    databases.ensure_role(session, database)
    databases.create(session, database, database)
    _fill(server, session, database, container_path)
    server.engine.answer(server.container, ["rm", container_path])
    databases.mark_ready(session, database)


def _fill(server: DatabaseServer, session: Session, database: str, path: str) -> None:
    """Fill a database from the dump at a path in the server's container."""
    code, output = restore_from_file(server.tenant_session(database), path, "--no-privileges")
    if not code:
        return
    databases.exists(session, database)  # raises where it is the server that is at fault: it does not answer any more
    failure_type = RestoreFailed if code == _BAD_DUMP else Inconclusive
    raise failure_type(f"pg_restore in {server.container} ended with {code}: {last_line(output)}")


def _archive(dump: Path, name: str) -> Iterator[bytes]:
    """Yield a tar with the dump in it, for the server's own user, without holding it in memory."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.uid = dump.stat().st_size, 0o400, UID
    yield entry.tobuf()
    with dump.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
    yield bytes(-entry.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)
