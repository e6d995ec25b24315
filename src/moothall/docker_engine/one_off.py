"""One-off containers: they belong to no stack, are as hardened as every other container, and go again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from moothall.docker_engine.errors import Refused, translate_docker_errors
from moothall.docker_engine.hardening import NO_NETWORK, hardened_host_config
from moothall.docker_engine.port import EnginePort
from moothall.docker_engine.tar import texts
from moothall.failures import Inconclusive

FOLDER = "/cfg"
"""Where the files of a one-off container are, in a volume that dies with it: they may hold secrets."""
_GONE_STATUSES = (404, 409)
"""The status for a container that is not there, and for one that another run is removing at this moment."""


@dataclass(frozen=True)
class OneOff:
    """A one-off container. What is not said is left to the image; `network` may be `SPACE_OF` a container.

    `volumes` are paths at which it has a volume without a name, which goes with it; `binds` are mounts, and `tmpfs`
    file systems in memory, as Docker writes both.
    """

    image: str
    user: str
    labels: Mapping[str, str]
    memory_mb: int
    network: str = NO_NETWORK
    name: str | None = None
    entrypoint: Sequence[str] | None = None
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: Sequence[str] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    binds: Sequence[str] = ()
    shm_bytes: int | None = None
    stop_signal: str | None = None
    pids: int = 64

    def request(self) -> dict[str, Any]:
        """Return the request to create it (`ContainerCreate` of the HTTP API)."""
        members: dict[str, Any] = {
            "Image": self.image,
            "User": self.user,
            "Labels": dict(self.labels),
            "Entrypoint": list(self.entrypoint) if self.entrypoint else None,
            "Cmd": list(self.command),
            "Env": [f"{name}={value}" for name, value in self.environment.items()] or None,
            "Volumes": {path: {} for path in self.volumes} or None,
            "StopSignal": self.stop_signal,
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": hardened_host_config(self.network, self.memory_mb, self.pids) | self._mounts(),
        }
        return {key: value for key, value in members.items() if value is not None}

    def _mounts(self) -> dict[str, Any]:
        mounts = {"Tmpfs": dict(self.tmpfs), "Binds": list(self.binds), "ShmSize": self.shm_bytes}
        return {key: value for key, value in mounts.items() if value}


class ContainerResult(NamedTuple):
    """How a container ended: exit code, standard output and standard error."""

    code: int
    out: str
    err: str


class AlreadyRunning(Inconclusive):
    """A container of this name is at work, `since` a time in RFC 3339 to the second."""

    def __init__(self, name: str, since: str) -> None:
        super().__init__(f"{name} is at work since {since}.")
        self.name = name
        self.since = since


def run_one_off(engine: EnginePort, spec: OneOff, files: Mapping[str, str], seconds: int) -> ContainerResult:
    """Run a one-off container to its end and remove it, whatever happens.

    `files` are texts by their paths below `FOLDER`, root:root 0440. A name is a lock, for an engine has each name once:
    what a killed process left under it is removed when it has ended. Raises AlreadyRunning while it is at work, and
    DockerError when the engine does not do it, or it does not end within the time.
    """
    if spec.name:
        _clear(engine, spec.name)
    container = create(engine, spec)
    with temporary_container(engine, container, spec.name or container[:12]):
        engine.write_files(container, FOLDER, texts(files))
        engine.start(container)
        code = engine.wait(container, seconds)
        return ContainerResult(code, engine.logs(container, err=False), engine.logs(container, out=False))


def create(engine: EnginePort, spec: OneOff) -> str:
    """Create a one-off container that is not started, and return its id. Raises DockerError."""
    return engine.create_container(spec.request(), spec.name)


@contextmanager
def temporary_container(engine: EnginePort, container: str, subject: str) -> Iterator[None]:
    """Remove a container when the block ends, however it does; `subject` is what it is called. Raises DockerError."""
    try:
        yield
    finally:
        remove(engine, container, subject)


def remove(engine: EnginePort, container: str, subject: str) -> None:
    """Remove a container and its volumes without names; one that is gone already is as good. Raises DockerError."""
    with translate_docker_errors(f"{subject} cannot be removed"):
        try:
            engine.remove(container)
        except Refused as error:
            if error.status not in _GONE_STATUSES:
                raise


def _clear(engine: EnginePort, name: str) -> None:
    """Remove the container of a name unless it is at work. Raises AlreadyRunning."""
    for summary in engine.containers({"name": f"^/{name}$"}):
        if summary["State"] in ("running", "paused"):
            raise AlreadyRunning(name, engine.inspect(summary["Id"])["State"]["StartedAt"][:19])
        engine.remove(summary["Id"])
