"""The copy beside: a throw-away server without a network, restored from the repository's volume alone.

It stands where the backups are and needs nothing else of the instance to be there. Its container and its volume carry
one label, with what they are a copy of; so the next run finds them, or clears away what a killed one left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.docker_engine.one_off import OneOff, create
from moothall.docker_engine.port import Inspected
from moothall.docker_engine.tar import texts
from moothall.failures import Inconclusive, OperationError
from moothall.model.engines import Endpoint
from moothall.model.stackname import stack_of
from moothall.operations.restore.backup_sets import RecoveryTarget, choose
from moothall.operations.restore.subject import Subject
from moothall.plan import containers, secret_refs
from moothall.plan.config import pgbackrest, postgres
from moothall.plan.naming import engine_name
from moothall.ports import Vault
from moothall.postgres.databases import drop_all_but
from moothall.postgres.paths import DATA
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import MAINTENANCE, SUPERUSER, Session
from moothall.verify.deployed import UNTOUCHED, removal
from moothall.waiting import wait_until

LABEL = "moothall.restore"
"""On everything that a restore makes beside: the partnership."""
OF = "moothall.restore.of"
"""What it is a copy of, and of which moment."""
SECONDS = 6 * 3600.0
_ENDED_BEFORE = "recovery ended before configured recovery target was reached"


@dataclass(frozen=True)
class Spot:
    """Where a copy is made: the container's name, the data volume's, and whose both are: the value of the label.

    A volume that is there already is emptied of the cluster in it, and stays when the copy is discarded.
    """

    name: str
    volume: str
    owner: str

    @property
    def own_volume(self) -> bool:
        """Whether the volume is the copy's own."""
        return self.volume == self.name


class Hindered(Inconclusive):
    """Something stands in the way of a copy, of which it is known how it goes: by the command that `mend`s it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class EndsBefore(Inconclusive):
    """The repository has nothing after the moment on its timeline: all that it has was not enough to reach it."""


def spot(subject: Subject) -> Spot:
    """Return where the copy of a subject is made: at the backup's site, in a volume of its own."""
    return Spot(subject.copy, subject.copy, subject.plan.partnership)


def find(engine: Engine, subject: Subject, moment: RecoveryTarget) -> bool:
    """Say whether a copy of this very moment is there already; one that a killed run has left unfinished is not."""
    found = engine.container(subject.copy)
    if found is None or not found["State"]["Running"] or found["Config"]["Labels"].get(OF) != moment.asked:
        return False
    return _ready(engine, subject.copy)


def make(
    engine: Engine, subject: Subject, moment: RecoveryTarget, vault: Vault, at: Spot | None = None
) -> RecoveryTarget:
    """Make the copy, wait until it is a server of its own, and return the moment that it is of.

    That is all the repository has, when it has nothing after the moment asked for. Raises OperationError when the
    repository has no backup from before the moment, and Inconclusive.
    """
    at = at or spot(subject)
    try:
        _make(engine, subject, moment, moment, vault, at)
        return moment
    except EndsBefore:
        everything = RecoveryTarget(None, along=moment.at)
        _make(engine, subject, everything, moment, vault, at)
        return everything


def _make(
    engine: Engine, subject: Subject, moment: RecoveryTarget, asked: RecoveryTarget, vault: Vault, at: Spot
) -> None:
    """Make a copy of the moment that is found again as one of `asked`."""
    discard(engine, at.owner, at.name)
    with translate_docker_errors(f"No copy of {subject.name} can be made at {subject.backup.site}"):
        _have_image(engine, subject)
        made = _create(engine, subject, at, {LABEL: at.owner, OF: asked.asked})
        engine.write_files(made, "/cfg", texts(_settings(subject, vault)))
        engine.start(made)
    try:
        backup = choose(engine, at.name, subject, moment)
    except OperationError:
        discard(engine, at.owner, at.name)
        raise
    only = subject.tenants[0].database if subject.council else None
    order = "\n".join(backup.order(subject.backup.stanza, moment, only)) + "\n"
    with translate_docker_errors(f"The copy {at.name} cannot be told what to restore"):
        engine.write_files(at.name, "/cfg", texts({"order": order}))
    if not wait_until(lambda: _ready(engine, at.name), SECONDS):
        raise Inconclusive(f"The copy {at.name} was not restored within {SECONDS / 3600:g} h")
    if only:
        # What is younger than the backup came from the log, which all have in common.
        drop_all_but(Session(engine, at.name, SUPERUSER, MAINTENANCE), only)


def _have_image(engine: Engine, subject: Subject) -> None:
    """Raise Hindered where the image of these definitions was not built yet: what stands is older until `up`."""
    image = subject.repository().image
    if not engine.images(image):
        raise Hindered(f"No copy of {subject.name} can be made: {image} is not there yet.", "moothall up --yes")


def discard(engine: Engine, partnership: str, only: str | None = None) -> None:
    """Remove the copies of a partnership with their data, whoever left them; or the one of a name, if it is there."""
    label = {"label": f"{LABEL}={partnership}"}
    with translate_docker_errors("A copy cannot be removed"):
        for found in engine.containers(label):
            if only in (None, _name(found)):
                engine.remove(found["Id"])
        volumes = [found["Name"] for found in engine.volumes(label)]
    for name in volumes:
        if only in (None, name):
            _remove(engine, name)


def _remove(engine: Engine, volume: str) -> None:
    """Remove a copy's volume. Raises Hindered when somebody has put a container on it, and Inconclusive."""
    with translate_docker_errors(f"The volume {volume} of a copy cannot be removed"):
        if not engine.containers({"volume": volume}):
            engine.remove_volume(volume, force=True)
            return
    what = f"The volume {volume} of a copy cannot be removed: a container that is not the copy's uses it."
    raise Hindered(what, removal(engine, f"volume={volume}"))


def clear(endpoint: Endpoint, partnership: str) -> None:
    """Remove the copies of a partnership from one engine: they hold on to its backups. Raises OperationError."""
    engine = Engine(endpoint)
    try:
        discard(engine, partnership)
    except Inconclusive as reason:
        by_hand = removal(engine, f"label={LABEL}={partnership}")
        hint = reason.hint if isinstance(reason, Hindered) else by_hand
        raise OperationError(str(reason), state=UNTOUCHED, hint=hint) from reason


def _name(found: Inspected) -> str:
    return str(found["Names"][0]).lstrip("/")


def _ready(engine: Engine, copy: str) -> bool:
    """Say whether the copy has ended its recovery. Raises Inconclusive when it stopped instead."""
    found = engine.container(copy)
    if found is None or not found["State"]["Running"]:
        raise _ended(engine, copy)
    # Not yet: files are still being fetched, or the server is starting.
    return DatabaseServer(engine, copy).takes_writes()


def _ended(engine: Engine, copy: str) -> Inconclusive:
    said = engine.logs(copy, lines=200)
    if _ENDED_BEFORE in said:
        return EndsBefore("the repository holds nothing after that moment")
    reasons = [line for line in said.splitlines() if "ERROR" in line or "FATAL" in line]
    return Inconclusive(f"The copy {copy} ended: {last_line(reasons[0] if reasons else said)}")


def _create(engine: Engine, subject: Subject, at: Spot, labels: Mapping[str, str]) -> str:
    """Make the container, on no network at all; return its id."""
    repository = subject.repository()
    if at.own_volume:
        engine.create_volume(at.volume, labels)
    backups = engine_name(stack_of(repository.name), "backups")
    wanted = OneOff(
        repository.image,
        repository.user,
        labels,
        containers.POSTGRES.memory_mb,
        pids=256,
        binds=[f"{backups}:/backup:ro", f"{at.volume}:{DATA}"],
        tmpfs={**repository.tmpfs, "/run/postgresql": "size=1m,uid=900,gid=0,mode=0775"},
        shm_bytes=128 * 1024 * 1024,
        name=at.name,
        command=["/usr/local/bin/start-copy", *([] if at.own_volume else ["emptied"])],
        volumes=["/cfg"],
        stop_signal=containers.POSTGRES.stop_signal,
    )
    return create(engine, wanted)


def _settings(subject: Subject, vault: Vault) -> dict[str, str]:
    cipher = vault.secret(secret_refs.instance_secret(subject.instance, "repository-cipher"))
    return {
        "pgbackrest.conf": pgbackrest.reader(subject.backup.stanza, cipher),
        "postgresql.conf": postgres.copy(subject.instance),
        "pg_hba.conf": postgres.COPY_ACCESS,
    }
