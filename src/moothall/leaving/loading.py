"""Loading a dump into a server: a throw-away one, or that of an instance which has no such tenant yet."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from moothall.docker_engine.errors import translate_docker_errors
from moothall.leaving.server import Server, literal, name

_DATA = "/var/lib/postgresql/data"
READY = "moothall: ready"
"""The mark by which the preparing job knows a finished database (images/tryton/lib/tenant/server.py)."""
_ROLE = "SELECT 1 FROM pg_roles WHERE rolname = {}"


def restore(server: Server, dump: Path, database: str) -> None:
    """Restore a dump into a new database, owned by a new role of the same name that cannot log in yet.

    A database of that name which an earlier attempt has left unfinished is dropped first. Raises `CouldNotRun`.
    """
    inside = f"{_DATA}/{database}.dump"
    with translate_docker_errors("The dump cannot be handed over"):
        server.engine.write_files(server.container, _DATA, _archive(dump, f"{database}.dump"))
    _make(server, database)
    words = ["pg_restore", "-U", "postgres", "-d", database, f"--role={database}", "--no-owner", "--exit-on-error"]
    server.engine.answer(server.container, [*words, inside])
    server.engine.answer(server.container, ["rm", inside])
    server.ask("postgres", f"COMMENT ON DATABASE {name(database)} IS {literal(READY)}")


def _make(server: Server, database: str) -> None:
    own = name(database)
    if server.ask("postgres", _ROLE.format(literal(database))) != "1":
        server.ask("postgres", f"CREATE ROLE {own} NOLOGIN")
    server.ask(
        "postgres",
        f"DROP DATABASE IF EXISTS {own} WITH (FORCE)",
        f"CREATE DATABASE {own} OWNER {own} TEMPLATE template0",
        f"REVOKE ALL ON DATABASE {own} FROM PUBLIC",
    )


def _archive(dump: Path, name: str) -> Iterator[bytes]:
    """Yield a tar with the dump in it, for the server's own user, without holding it in memory."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.uid = dump.stat().st_size, 0o400, 900
    yield entry.tobuf()
    with dump.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
    yield bytes(-entry.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)
