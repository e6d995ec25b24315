"""One container that runs to its end and is removed: for work inside that leaves no object behind.

Its name is its lock: an engine has each name once. One that was left by a killed process is taken away when it has
ended; while it runs, nobody else begins the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moothall.docker_engine.tar import texts
from moothall.engine.errors import EngineError
from moothall.failures import BLOCKED
from moothall.model.engines import Endpoint

if TYPE_CHECKING:
    from docker import APIClient

_FOLDER = "/cfg"


@dataclass(frozen=True)
class Errand:
    """What runs: `command` in `image` on `network`; `files` are texts by their paths below /cfg, root:root 0440."""

    name: str
    image: str
    user: str
    network: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    tmpfs: Mapping[str, str]
    memory_mb: int
    labels: Mapping[str, str]
    files: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Ended:
    """How it ended: exit code, standard output and standard error."""

    code: int
    out: str
    err: str


class Running(EngineError):
    """A container of this name is at work already."""

    code = BLOCKED

    def __init__(self, name: str, since: str) -> None:
        super().__init__(
            f"{name} is at work since {since}.", mend=f"docker wait {name}  # then run the same command again"
        )


def run(endpoint: Endpoint, errand: Errand, patience_seconds: int) -> Ended:
    """Run an errand to its end and remove its container, whatever happens.

    Raises `Running` while one of the same name is at work, and EngineError when the engine does not do it, or it does
    not end within `patience_seconds`.
    """
    from moothall.engine.provider.client import calling, client_for
    from moothall.engine.provider.port import EngineAddress, StepFailed

    try:
        client = client_for(EngineAddress(*endpoint))
        with calling(endpoint.host):
            _clear(client, errand.name)
            made = _create(client, errand)
        try:
            with calling(endpoint.host):
                client.put_archive(made, _FOLDER, texts(errand.files))
                client.start(made)
                return _finish(client, made, patience_seconds)
        finally:
            with calling(endpoint.host):
                client.remove_container(made, v=True, force=True)
    except StepFailed as failed:
        raise EngineError(
            f"{errand.name} cannot be run: {failed.message.rstrip('.')}.", mend="moothall preview"
        ) from failed


def _clear(client: APIClient, name: str) -> None:
    """Remove what a killed process left. Raises `Running` while it works."""
    for found in client.containers(all=True, filters={"name": f"^/{name}$"}):
        if found["State"] in ("running", "paused"):
            raise Running(name, client.inspect_container(found["Id"])["State"]["StartedAt"][:19])
        client.remove_container(found["Id"], v=True, force=True)


def _create(client: APIClient, errand: Errand) -> str:
    from moothall.engine.provider.hardening import create

    return create(
        client,
        errand.image,
        errand.user,
        errand.labels,
        memory_mb=errand.memory_mb,
        network=errand.network,
        host={"tmpfs": dict(errand.tmpfs)},
        name=errand.name,
        entrypoint=list(errand.command),
        command=[],
        environment=dict(errand.environment),
        volumes=[_FOLDER],
    )


def _finish(client: APIClient, container: str, patience_seconds: int) -> Ended:
    code = int(client.wait(container, timeout=patience_seconds)["StatusCode"])
    out, err = (
        client.logs(container, stdout=stdout, stderr=not stdout).decode(errors="replace") for stdout in (True, False)
    )
    return Ended(code, out, err)
