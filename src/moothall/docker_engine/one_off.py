"""One-off containers: they belong to no stack, are as hardened as every other container, and go again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.hardening import NO_NETWORK, hardened


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
        wanted: dict[str, Any] = {
            "Image": self.image,
            "User": self.user,
            "Labels": dict(self.labels),
            "Entrypoint": list(self.entrypoint) if self.entrypoint else None,
            "Cmd": list(self.command),
            "Env": [f"{name}={value}" for name, value in self.environment.items()] or None,
            "Volumes": {path: {} for path in self.volumes} or None,
            "StopSignal": self.stop_signal,
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": hardened(self.network, self.memory_mb, self.pids) | self._mounts(),
        }
        return {key: value for key, value in wanted.items() if value is not None}

    def _mounts(self) -> dict[str, Any]:
        mounts = {"Tmpfs": dict(self.tmpfs), "Binds": list(self.binds), "ShmSize": self.shm_bytes}
        return {key: value for key, value in mounts.items() if value}


def create(engine: Engine, wanted: OneOff) -> str:
    """Create a one-off container that is not started, and return its id. Raises DockerError."""
    return engine.create_container(wanted.request(), wanted.name)
