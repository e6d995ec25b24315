"""Put a restored cluster in the place of an instance's own, and have its mirror follow it anew.

The server does it itself when it starts with an order in its data volume (images/postgres/lib/repository.sh): it
fetches the cluster over the link, by pgBackRest's own way, and keeps the former one in the same volume. It then writes
on a new timeline, which goes to the repository like every other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.tar import texts
from moothall.failures import Inconclusive
from moothall.model.planned import Container
from moothall.operations.restore.copy import SECONDS
from moothall.operations.restore.subject import Subject
from moothall.ports import Progress
from moothall.postgres.paths import DATA, UID
from moothall.postgres.server import DatabaseServer
from moothall.waiting import wait_until

_ORDER = "restore-order"
_FOLLOW = "follow-order"
_NEXT = "next"
_FORMER_NAME = re.compile(r"before-[0-9]{8}t[0-9]{6}")


def swap(
    subject: Subject, server: Container, source: Sequence[str], engine_pool: EnginePool, progress: Progress
) -> str:
    """Put a cluster in place on `server` and return the name under which the former one is kept.

    `source` are pgBackRest's options, or `there:NAME` for a cluster in the data volume. Raises Inconclusive; the former
    cluster then serves again.
    """
    name = f"before-{datetime.now(UTC):%Y%m%dt%H%M%S}"
    followers = [
        standby
        for standby in subject.servers
        if standby != server and _is_standby(engine_pool.of(standby.name), standby.name)
    ]
    for follower in followers:
        stop(engine_pool.of(follower.name), follower)
    progress.stage(f"restoring {subject.instance} on {server.name}")
    try:
        _exchange(engine_pool.of(server.name), server, [name, *source])
    except Inconclusive:
        _exchange(engine_pool.of(server.name), server, [name.replace("before", "failed"), f"there:{name}"])
        raise
    finally:
        for follower in followers:
            follow(engine_pool.of(follower.name), follower)
    return name


def prepare(server: Container, options: Sequence[str], engine_pool: EnginePool, progress: Progress) -> Sequence[str]:
    """Restore beside the cluster that serves, so that swapping takes seconds, and return what to swap in.

    A server that does not run fetches the cluster when it starts. Raises Inconclusive.
    """
    engine = engine_pool.of(server.name)
    container = engine.container(server.name)
    if container is None or not container["State"]["Running"]:
        return options
    progress.stage(f"restoring into the data volume of {server.name}")
    engine.answer(server.name, ["/usr/local/bin/prepare-cluster", _NEXT, *options])
    return [f"there:{_NEXT}"]


def former_clusters(server: Container, engine_pool: EnginePool) -> tuple[str, ...]:
    """Return the names of the former clusters in a server's data volume, the newest last."""
    output = engine_pool.of(server.name).answer(server.name, ["find", DATA, "-maxdepth", "1", "-name", "before-*"])
    names = (line.rpartition("/")[2] for line in output.splitlines())
    return tuple(sorted(name for name in names if _FORMER_NAME.fullmatch(name)))


def forget(names: tuple[str, ...], server: Container, engine_pool: EnginePool) -> None:
    """Remove former clusters from a server's data volume."""
    engine_pool.of(server.name).answer(server.name, ["rm", "-rf", *(f"{DATA}/{name}" for name in names)])


def _exchange(engine: Engine, server: Container, order: Sequence[str]) -> None:
    """Have the server start with an order, and wait until it takes writes."""
    stop(engine, server)
    with translate_docker_errors(f"{server.name} cannot be given its order"):
        engine.write_files(server.name, DATA, texts({_ORDER: "\n".join(order) + "\n"}, UID))
        engine.start(server.name)
    if not wait_until(lambda: accepts_writes(engine, server), SECONDS):
        raise Inconclusive(f"{server.name} was not restored within {SECONDS / 3600:g} h")
    DatabaseServer(engine, server.name).forget_recovery()


def accepts_writes(engine: Engine, server: Container) -> bool:
    """Return whether the server takes writes. Raises Inconclusive when it gave up."""
    container = engine.container(server.name)
    if container is None or not container["State"]["Running"] or container["State"]["Restarting"]:
        raise Inconclusive(f"{server.name} ended: {last_line(engine.logs(server.name, lines=50))}")
    return DatabaseServer(engine, server.name).takes_writes()


def follow(engine: Engine, server: Container) -> None:
    """Have a server that was stopped make itself anew from the other one."""
    with translate_docker_errors(f"{server.name} cannot be made to follow"):
        engine.write_files(server.name, DATA, texts({_FOLLOW: ""}, UID))
        engine.start(server.name)


def _is_standby(engine: Engine, server: str) -> bool:
    try:
        return DatabaseServer(engine, server).recovers()
    except Inconclusive:  # it is not there, or somebody has to look at it first: `failback` has it follow again
        return False


def stop(engine: Engine, server: Container) -> None:
    """Stop a server in order. Raises Inconclusive."""
    with translate_docker_errors(f"{server.name} cannot be stopped"):
        engine.stop(server.name, server.stop_seconds)
