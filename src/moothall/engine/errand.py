"""One container that runs to its end and is removed: for work inside that leaves no object behind.

Its name is its lock: an engine has each name once. One that was left by a killed process is taken away when it has
ended; while it runs, nobody else begins the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.one_off import OneOff, create
from moothall.docker_engine.tar import texts
from moothall.engine.errors import EngineError
from moothall.engine.provider.calls import calling, engine_at
from moothall.engine.provider.port import EngineAddress, StepFailed
from moothall.failures import BLOCKED
from moothall.model.engines import Endpoint

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
    try:
        engine = engine_at(EngineAddress(*endpoint))
        with calling(endpoint.host):
            _clear(engine, errand.name)
            made = _create(engine, errand)
        try:
            with calling(endpoint.host):
                engine.write_files(made, _FOLDER, texts(errand.files))
                engine.start(made)
                return _finish(engine, made, patience_seconds)
        finally:
            with calling(endpoint.host):
                engine.remove(made)
    except StepFailed as failed:
        raise EngineError(
            f"{errand.name} cannot be run: {failed.message.rstrip('.')}.", mend="moothall preview"
        ) from failed


def _clear(engine: Engine, name: str) -> None:
    """Remove what a killed process left. Raises `Running` while it works."""
    for found in engine.containers({"name": f"^/{name}$"}):
        if found["State"] in ("running", "paused"):
            raise Running(name, engine.inspect(found["Id"])["State"]["StartedAt"][:19])
        engine.remove(found["Id"])


def _create(engine: Engine, errand: Errand) -> str:
    wanted = OneOff(
        errand.image,
        errand.user,
        errand.labels,
        errand.memory_mb,
        network=errand.network,
        tmpfs=errand.tmpfs,
        name=errand.name,
        entrypoint=errand.command,
        environment=errand.environment,
        volumes=[_FOLDER],
    )
    return create(engine, wanted)


def _finish(engine: Engine, container: str, patience_seconds: int) -> Ended:
    code = engine.wait(container, patience_seconds)
    return Ended(code, engine.logs(container, err=False), engine.logs(container, out=False))
