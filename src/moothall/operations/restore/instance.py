"""Put a restored cluster in the place of an instance's own, and have its mirror follow it anew.

The server does it itself when it starts with an order in its data volume (images/postgres/lib/repository.sh): it
fetches the cluster over the link, by pgBackRest's own way, and keeps the former one in the same volume. It then writes
on a new timeline, which goes to the repository like every other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import Unreachable, last_line, translate_docker_errors
from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.tar import texts
from moothall.failures import Inconclusive
from moothall.model.planned import Container
from moothall.operations.restore.copy import SECONDS
from moothall.operations.restore.record import STAMP, Exchange, ExchangeRecord
from moothall.operations.restore.subject import Subject
from moothall.ports import Progress
from moothall.postgres.paths import DATA, UID
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import NotYetReady
from moothall.waiting import wait_until

_ORDER = "restore-order"
_FOLLOW = "follow-order"
_COPY = "new"
"""The folder of a copy of the other server that is being made (images/postgres/lib/peer.sh)."""
_FENCE = "fenced"
_NEXT = "next"
IN_VOLUME = "there:"
"""Begins the line of an order that names a cluster in the data volume."""
_FORMER_NAME = re.compile(r"before-[0-9]{8}t[0-9]{6}")


def exchange_with(
    source: Sequence[str],
    deed: str,
    target: str,
    subject: Subject,
    server: Container,
    stopped_standbys: Collection[str],
    engine_pool: EnginePool,
) -> Exchange:
    """Return the exchange of the cluster on `server` for what an order takes from `source`.

    Who follows now is to follow that, and of `stopped_standbys`, which a run has stopped that did not end, those that
    still do not run: nobody else has them follow again.
    """
    former_name = f"before-{datetime.now(UTC):{STAMP}}"
    replaces = DatabaseServer(engine_pool.of(server.name), server.name).takes_writes()
    followers = tuple(
        standby.name
        for standby in subject.servers
        if standby != server
        and _is_to_follow(engine_pool.of(standby.name), standby.name, was_stopped=standby.name in stopped_standbys)
    )
    return Exchange(deed, target, server.name, tuple(source), former_name, replaces, followers)


def is_unfinished(exchange: Exchange, server: Container, engine_pool: EnginePool) -> bool:
    """Return whether the same command is to go on with an exchange.

    Not where the server serves something else: there it is begun anew. One that does not serve may have been given its
    order, and obeys the same one once at most.
    """
    if exchange.server != server.name:
        return False
    engine = engine_pool.of(server.name)
    return not DatabaseServer(engine, server.name).takes_writes() or _is_made(engine, server, exchange)


def swap(
    subject: Subject,
    server: Container,
    exchange: Exchange,
    record: ExchangeRecord,
    engine_pool: EnginePool,
    progress: Progress,
) -> str:
    """Put a cluster in place on `server` and return the name under which the former one is kept.

    Its source are pgBackRest's options, or `there:NAME` for a cluster in the data volume. Where it is in place already
    the rest is done. Raises Inconclusive; the former cluster then serves again.
    """
    standbys = [
        standby
        for standby in subject.servers
        if standby.name in exchange.followers
        and _is_to_follow(engine_pool.of(standby.name), standby.name, was_stopped=True)
    ]
    for standby in standbys:
        stop(engine_pool.of(standby.name), standby)
    progress.stage(f"restoring {subject.instance} on {server.name}")
    try:
        _put_in_place(engine_pool.of(server.name), server, exchange, record)
    finally:
        for standby in standbys:
            follow(engine_pool.of(standby.name), standby)
        record.note_followed()
    return exchange.former_name


def _put_in_place(engine: Engine, server: Container, exchange: Exchange, record: ExchangeRecord) -> None:
    """Have the server serve the cluster, and the former one again where it does not."""
    served = DatabaseServer(engine, server.name).takes_writes()
    if served and _is_made(engine, server, exchange):
        DatabaseServer(engine, server.name).forget_recovery()
        return
    try:
        _exchange(engine, server, [exchange.former_name, *exchange.source])
    except Inconclusive:
        _put_back(engine, server, exchange, record)
        raise
    if exchange.replaces and not served and not _is_made(engine, server, exchange):
        record.abandon()
        raise Inconclusive(f"What a run that did not end was to put in place is not on {server.name} any more")


def _put_back(engine: Engine, server: Container, exchange: Exchange, record: ExchangeRecord) -> None:
    """Have the server serve the former cluster. No command goes on with what failed, unless an engine fell silent."""
    failed_name = exchange.former_name.replace("before", "failed")
    try:
        _exchange(engine, server, [failed_name, f"{IN_VOLUME}{exchange.former_name}"])
    except Unreachable:
        raise
    except Inconclusive:
        record.abandon()
        raise
    record.abandon()


def prepare(server: Container, options: Sequence[str], engine_pool: EnginePool, progress: Progress) -> Sequence[str]:
    """Restore beside the cluster that serves, so that swapping takes seconds, and return what to swap in.

    A server that does not run fetches the cluster when it starts. Raises Inconclusive.
    """
    engine = engine_pool.of(server.name)
    if not is_running(server, engine_pool):
        return options
    progress.stage(f"restoring into the data volume of {server.name}")
    engine.answer(server.name, ["/usr/local/bin/prepare-cluster", _NEXT, *options])
    return [f"{IN_VOLUME}{_NEXT}"]


def is_running(server: Container, engine_pool: EnginePool) -> bool:
    """Return whether the server's container is there and runs. Raises Inconclusive."""
    container = engine_pool.of(server.name).container(server.name)
    return container is not None and bool(container["State"]["Running"])


def former_clusters(server: Container, engine_pool: EnginePool) -> tuple[str, ...]:
    """Return the names of the former clusters in a server's data volume, the newest last."""
    return _former_clusters(engine_pool.of(server.name), server)


def _former_clusters(engine: Engine, server: Container) -> tuple[str, ...]:
    output = engine.answer(server.name, ["find", DATA, "-maxdepth", "1", "-name", "before-*"])
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
    """Return whether a server follows, or is about to: one that copies or starts answers nobody yet."""
    try:
        return DatabaseServer(engine, server).recovers()
    except NotYetReady:  # beside one that serves, only one that follows it is started
        return True
    except Inconclusive:
        return _is_copying(engine, server)


def _is_copying(engine: Engine, server: str) -> bool:
    """Return whether a server makes itself a copy of the other one: that would be one of what is being replaced."""
    command = ["find", DATA, "-maxdepth", "1", "-name", _FOLLOW, "-o", "-name", _COPY, "-o", "-name", _FENCE]
    try:
        output = engine.answer(server, command)
    except Inconclusive:
        return False
    names = {line.rpartition("/")[2] for line in output.splitlines()}
    return _FENCE not in names and not names.isdisjoint((_FOLLOW, _COPY))


def _is_to_follow(engine: Engine, server: str, *, was_stopped: bool) -> bool:
    """Return whether a server follows, or stands still because an exchange has stopped it.

    Any other has been put out of service, and somebody has to look at it: `failback` has it follow again.
    """
    return _is_standby(engine, server) or (was_stopped and _is_stopped(engine, server))


def _is_stopped(engine: Engine, server: str) -> bool:
    try:
        container = engine.container(server)
    except Inconclusive:  # its site is lost: what is restored does without it
        return False
    return container is not None and not container["State"]["Running"]


def _is_made(engine: Engine, server: Container, exchange: Exchange) -> bool:
    """Return whether the clusters of an exchange have changed places already, on a server that serves.

    What was replaced is kept then. Where nothing was, the cluster itself names the order that has put it in place.
    """
    if exchange.replaces:
        return exchange.former_name in _former_clusters(engine, server)
    code, output = engine.run(server.name, ["cat", f"{DATA}/pg/restored-by"])
    return code == 0 and output.strip() == exchange.former_name


def stop(engine: Engine, server: Container) -> None:
    """Stop a server in order. Raises Inconclusive."""
    with translate_docker_errors(f"{server.name} cannot be stopped"):
        engine.stop(server.name, server.stop_seconds)
