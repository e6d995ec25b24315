"""The copy beside: a throw-away server without a network, restored from the repository's volume alone.

It stands where the backups are and needs nothing else of the instance to be there. Its container and its volume carry
one label, with what they are a copy of; so the next run finds them, or clears away what a killed one left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moothall.deploy.render_secrets import folder
from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.docker_engine.one_off import OneOff, create
from moothall.docker_engine.port import EngineObject
from moothall.docker_engine.tar import texts
from moothall.failures import Inconclusive, OperationError
from moothall.model.engines import Endpoint
from moothall.model.image import is_image_id
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
from moothall.verify.deployed import UNTOUCHED, removal
from moothall.waiting import wait_until

LABEL = "moothall.restore"
"""On everything that a restore makes beside: the partnership."""
TARGET_LABEL = "moothall.restore.of"
"""What it is a copy of, and of which moment."""
SECONDS = 6 * 3600.0
_TARGET_NOT_REACHED = "recovery ended before configured recovery target was reached"


@dataclass(frozen=True)
class CopyPlace:
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


class CopyObstacle(Inconclusive):
    """Something prevents a copy, and the command in `hint` removes it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class TargetNotReached(Inconclusive):
    """The log in the repository ends before the moment that was to be recovered to."""


def default_place(subject: Subject) -> CopyPlace:
    """Return where the copy of a subject is made: at the backup's site, in a volume of its own."""
    return CopyPlace(subject.copy, subject.copy, subject.plan.partnership)


def find(engine: Engine, subject: Subject, target: RecoveryTarget) -> bool:
    """Return whether a copy of exactly this target runs already; one left unfinished does not count."""
    container = engine.container(subject.copy)
    if (
        container is None
        or not container["State"]["Running"]
        or container["Config"]["Labels"].get(TARGET_LABEL) != target.label
    ):
        return False
    return _is_ready(engine, subject.copy)


def make(
    engine: Engine, subject: Subject, target: RecoveryTarget, vault: Vault, place: CopyPlace | None = None
) -> RecoveryTarget:
    """Make the copy, wait until its recovery has ended, and return the target that it reached.

    That is all the repository has, when it has nothing after the moment asked for. Raises OperationError when the
    repository has no backup from before the moment, and Inconclusive.
    """
    place = place or default_place(subject)
    try:
        _make(engine, subject, target, target, vault, place)
        return target
    except TargetNotReached:
        latest_target = RecoveryTarget(None, timeline_time=target.time)
        _make(engine, subject, latest_target, target, vault, place)
        return latest_target


def _make(
    engine: Engine,
    subject: Subject,
    target: RecoveryTarget,
    requested_target: RecoveryTarget,
    vault: Vault,
    place: CopyPlace,
) -> None:
    """Make a copy as of `target`, labelled with `requested_target`."""
    discard(engine, place.owner, place.name)
    with translate_docker_errors(f"No copy of {subject.name} can be made at {subject.backup.site}"):
        _require_image(engine, subject)
        container = _create(engine, subject, place, {LABEL: place.owner, TARGET_LABEL: requested_target.label})
        engine.write_files(container, "/cfg", texts(_settings(subject, vault)))
        engine.start(container)
    try:
        backup = choose(engine, place.name, subject, target)
    except OperationError:
        discard(engine, place.owner, place.name)
        raise
    database = subject.tenants[0].database if subject.council else None
    options = "\n".join(backup.order(subject.backup.stanza, target, database)) + "\n"
    with translate_docker_errors(f"The copy {place.name} cannot be told what to restore"):
        engine.write_files(place.name, "/cfg", texts({"order": options}))
    if not wait_until(lambda: _is_ready(engine, place.name), SECONDS):
        raise Inconclusive(f"The copy {place.name} was not restored within {SECONDS / 3600:g} h")
    if database:
        # What is younger than the backup came from the log, which all have in common.
        drop_all_but(DatabaseServer(engine, place.name).provisioning(), database)


def _require_image(engine: Engine, subject: Subject) -> None:
    """Raise CopyObstacle where the image of these definitions was not built yet: what stands is older until `up`.

    What the engine has under a tag is not believed: a copy holds everybody's data, and the cipher of the backups.
    """
    image = subject.repository().image
    if not is_image_id(image) or not engine.has_image(image):
        raise CopyObstacle(f"No copy of {subject.name} can be made: {image} is not there yet.", "moothall up --yes")


def discard(engine: Engine, partnership: str, only_name: str | None = None) -> None:
    """Remove the copies of a partnership with their data, whoever left them; or the one of a name, if it is there."""
    label = {"label": f"{LABEL}={partnership}"}
    with translate_docker_errors("A copy cannot be removed"):
        for container in engine.containers(label):
            if only_name in (None, _container_name(container)):
                engine.remove(container["Id"])
        volumes = [volume["Name"] for volume in engine.volumes(label)]
    for name in volumes:
        if only_name in (None, name):
            _remove(engine, name)


def _remove(engine: Engine, volume: str) -> None:
    """Remove a copy's volume. Raises CopyObstacle when somebody has put a container on it, and Inconclusive."""
    with translate_docker_errors(f"The volume {volume} of a copy cannot be removed"):
        if not engine.containers({"volume": volume}):
            engine.remove_volume(volume, force=True)
            return
    what = f"The volume {volume} of a copy cannot be removed: a container that is not the copy's uses it."
    raise CopyObstacle(what, removal(engine, f"volume={volume}"))


def clear(endpoint: Endpoint, partnership: str) -> None:
    """Remove the copies of a partnership from one engine: they hold on to its backups. Raises OperationError."""
    engine = Engine(endpoint)
    try:
        discard(engine, partnership)
    except Inconclusive as reason:
        removal_command = removal(engine, f"label={LABEL}={partnership}")
        hint = reason.hint if isinstance(reason, CopyObstacle) else removal_command
        raise OperationError(str(reason), state=UNTOUCHED, hint=hint) from reason


def _container_name(container: EngineObject) -> str:
    return str(container["Names"][0]).lstrip("/")


def _is_ready(engine: Engine, copy: str) -> bool:
    """Return whether the copy has ended its recovery. Raises Inconclusive when it stopped instead."""
    container = engine.container(copy)
    if container is None or not container["State"]["Running"]:
        raise _recovery_failure(engine, copy)
    # Not yet: files are still being fetched, or the server is starting.
    server = DatabaseServer(engine, copy)
    return server.takes_writes() and server.is_ready()


def _recovery_failure(engine: Engine, copy: str) -> Inconclusive:
    log = engine.logs(copy, lines=200)
    if _TARGET_NOT_REACHED in log:
        return TargetNotReached("the repository holds nothing after that moment")
    reasons = [line for line in log.splitlines() if "ERROR" in line or "FATAL" in line]
    return Inconclusive(f"The copy {copy} ended: {last_line(reasons[0] if reasons else log)}")


def _create(engine: Engine, subject: Subject, place: CopyPlace, labels: Mapping[str, str]) -> str:
    """Make the container, on no network at all; return its id."""
    repository = subject.repository()
    if place.own_volume:
        engine.create_volume(place.volume, labels)
    backups = engine_name(stack_of(repository.name), "backups")
    one_off = OneOff(
        repository.image,
        repository.user,
        labels,
        containers.POSTGRES.memory_mb,
        pids=256,
        binds=[f"{backups}:/backup:ro", f"{place.volume}:{DATA}"],
        tmpfs={**repository.tmpfs, "/run/postgresql": "size=1m,uid=900,gid=0,mode=0775"},
        shm_bytes=128 * 1024 * 1024,
        name=place.name,
        command=["/usr/local/bin/start-copy", *([] if place.own_volume else ["emptied"])],
        volumes=["/cfg"],
        stop_signal=containers.POSTGRES.stop_signal,
    )
    return create(engine, one_off)


def repositories(vault: Vault, instance: str) -> list[pgbackrest.Repository]:
    """Return the repositories of an instance: the one into which backups go, and those before it that are kept."""
    label = secret_refs.instance_secret(instance, "repository-cipher")
    ciphers = {vault.generation(label): vault.secret(label), **vault.former_secrets(label)}
    return [pgbackrest.Repository(folder(generation), cipher) for generation, cipher in ciphers.items()]


def folder_in_use(vault: Vault, label: str) -> str:
    """Return the folder of the repository into which backups go, by the label of its cipher."""
    return folder(vault.generation(label))


def _settings(subject: Subject, vault: Vault) -> dict[str, str]:
    return {
        "pgbackrest.conf": pgbackrest.reader(subject.backup.stanza, repositories(vault, subject.instance)),
        "postgresql.conf": postgres.copy(subject.instance),
    }
