"""A throw-away PostgreSQL, in no network, into which an export is restored to see that it can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import translate_docker_errors
from moothall.docker_engine.one_off import OneOff, create, temporary_container
from moothall.docker_engine.stale import owner_labels
from moothall.plan.config.postgres import ACCESS, IDENTITIES
from moothall.postgres.paths import DATA, UID
from moothall.postgres.server import DatabaseServer

_MEMORY_MB = 768
_SETTINGS = (
    f"-c listen_addresses= -c unix_socket_directories=/run/postgresql -c hba_file={ACCESS} -c ident_file={IDENTITIES}"
    " -c autovacuum=off -c fsync=off -c jit=off -c max_wal_size=4GB"
)
_COMMAND = (
    f"initdb --pgdata {DATA}/pg --username postgres --encoding UTF8 --locale C.UTF-8 --no-instructions >/dev/null"
    f" && write-access && {{ have-roles --wait & }} && exec postgres -D {DATA}/pg {_SETTINGS}"
)
_TMPFS = {"/tmp": "size=64m", "/run/postgresql": "size=1m,uid=900,gid=0,mode=0775"}


@contextmanager
def scratch(engine: Engine, image: str, partnership: str) -> Iterator[DatabaseServer]:
    """Give a running server with nothing in it; container and data are removed whatever happens.

    What a kill leaves is removed by the next `up` or `verify`, which know it by the label of probes. Raises
    `Inconclusive`.
    """
    with translate_docker_errors("No server for the proof can be made"):
        container = _create(engine, image, partnership)
    with temporary_container(engine, container, f"The server for the proof, {container[:12]},"):
        with translate_docker_errors("The server for the proof does not start"):
            engine.start(container)
        server = DatabaseServer(engine, container)
        server.wait()
        yield server


def _create(engine: Engine, image: str, partnership: str) -> str:
    one_off = OneOff(
        image,
        f"{UID}:0",
        owner_labels(partnership),
        _MEMORY_MB,
        pids=128,
        tmpfs=_TMPFS,
        command=["sh", "-c", _COMMAND],
        volumes=[DATA],
    )
    return create(engine, one_off)
