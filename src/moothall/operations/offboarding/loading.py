"""Loading a dump into a server: a throw-away one, or that of an instance which has no such tenant yet."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from moothall.docker_engine.errors import translate_docker_errors
from moothall.postgres import databases
from moothall.postgres.dump import restore_from_file
from moothall.postgres.paths import DATA, UID
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import MAINTENANCE, SUPERUSER


def restore(server: DatabaseServer, dump: Path, database: str) -> None:
    """Restore a dump into a new database, owned by a new role of the same name that cannot log in yet.

    A database of that name which an earlier attempt has left unfinished is dropped first. Raises `Inconclusive`.
    """
    container_path = f"{DATA}/{database}.dump"
    with translate_docker_errors("The dump cannot be handed over"):
        server.engine.write_files(server.container, DATA, _archive(dump, f"{database}.dump"))
    session = server.session(SUPERUSER, MAINTENANCE)
    databases.ensure_role(session, database)
    databases.create(session, database, database)
    server.engine.answer(server.container, restore_from_file(database, database, container_path))
    server.engine.answer(server.container, ["rm", container_path])
    databases.mark_ready(session, database)


def _archive(dump: Path, name: str) -> Iterator[bytes]:
    """Yield a tar with the dump in it, for the server's own user, without holding it in memory."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.uid = dump.stat().st_size, 0o400, UID
    yield entry.tobuf()
    with dump.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
    yield bytes(-entry.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)
