"""The container of a probe: a one-off container with programs put into it, that runs once, says something and goes.

Its files may hold secrets, which go with it; what it says holds none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line, translate_docker_errors
from moothall.docker_engine.one_off import FOLDER, OneOff, create, temporary_container
from moothall.docker_engine.port import as_json
from moothall.docker_engine.shape import NUMBER
from moothall.docker_engine.stale import owner_labels
from moothall.docker_engine.tar import texts
from moothall.failures import Inconclusive
from moothall.model.image import is_image_id
from moothall.payloads import sources
from moothall.verify.gate import Gate

_MEMORY_MB = 128
_START = (
    f"import sys; sys.path.insert(0, '{FOLDER}'); "
    f"from moothall.payloads.probe.program import main; main('{FOLDER}', *sys.argv[1:])"
)
_GO = "USR1"
"""The signal on which a probe begins that stands ready."""
_TENANT = {
    "outcome": str,
    "seconds": NUMBER,
    "detail?": str,
    "modules?": [str],
    "proofs?": {str: str},
    "waited?": NUMBER,
    "planted?": str,
}
_ANSWER = {
    "tenants": {str: _TENANT},
    "machine": {str: str},
    "listening": {"addresses": [str], "ports": [int]},
    "sweep": [str],
    "names": {str: str},
    "greetings": [str],
    "servers": [str],
    "logins": [str],
    "lines": [str],
    "roles": {str: {"doors": {str: str}, "wrong": [str], "tries": int}},
    "addresses_v6": [str],
    "depends": {str: [str]},
}
"""What the program in `payloads.probe` prints."""


@dataclass(frozen=True)
class ProbeContainer:
    """What a probe does where: `network` may be `SPACE_OF` a container; `seconds` is its patience.

    `files` are the texts of its files below `FOLDER`, beside the programs.
    """

    partnership: str
    what: str
    network: str
    image: str
    user: str
    files: Mapping[str, str] = field(repr=False)
    seconds: float


def run(engine: Engine, spec: ProbeContainer, gate: Gate | None = None) -> Any:
    """Run a probe and return the JSON that it printed; the container is removed whatever happens.

    With a `gate` it stands ready until that opens. Raises `Inconclusive` when it cannot be made, is sent away, does not
    end in time or ends badly.
    """
    with translate_docker_errors(f"No probe can be put on {spec.network}"):
        container = _create(engine, spec, [_GO] if gate else [])
    with temporary_container(engine, container, f"The probe {container[:12]}"):
        if not gate:
            _start(engine, spec, container)
            return _finish(engine, spec, container)
        with gate.joint_section():  # removing a container takes what the logins of others need now
            _start(engine, spec, container)
            _hold(engine, spec, container, gate)
            return _finish(engine, spec, container)


def _create(engine: Engine, spec: ProbeContainer, arguments: list[str]) -> str:
    """Create the container. Raises `Inconclusive` for an image that is not known by its ID: a tag is anybody's."""
    if not is_image_id(spec.image):
        raise Inconclusive(f"of {spec.image} nothing is on record as built; moothall up builds it")
    one_off = OneOff(
        spec.image,
        spec.user,
        owner_labels(spec.partnership),
        _MEMORY_MB,
        network=spec.network,
        entrypoint=["python3", "-I", "-c", _START, *arguments],
        volumes=[FOLDER],
    )
    return create(engine, one_off)


def _start(engine: Engine, spec: ProbeContainer, container: str) -> None:
    with translate_docker_errors(f"The probe of {spec.what} cannot be run"):
        engine.write_files(container, FOLDER, _archive(spec.files))
        engine.start(container)


def _archive(files: Mapping[str, str]) -> bytes:
    """Return the programs and the probe's own files as a tar."""
    return texts({**sources("probe"), **files})


def _hold(engine: Engine, spec: ProbeContainer, container: str, gate: Gate) -> None:
    """Wait until the container says that it stands, and send it on its way when the gate opens."""
    with translate_docker_errors(f"The probe of {spec.what} cannot be run"):
        engine.await_error_output(container)
        gate.arrive()
        if not gate.passes():
            raise Inconclusive("nobody wants to know any more")
        engine.kill(container, _GO)


def _finish(engine: Engine, spec: ProbeContainer, container: str) -> Any:
    """Wait for the end and read what was said."""
    patience = round(spec.seconds) + 90
    with translate_docker_errors(f"The probe of {spec.what} did not end within {patience} s"):
        code = engine.wait(container, patience)
    with translate_docker_errors(f"The answer of the probe of {spec.what} cannot be read"):
        out, err = engine.logs(container, err=False), engine.logs(container, out=False)
    if code != 0:
        raise Inconclusive(f"The probe of {spec.what} ended with {code}: {last_line(err)}")
    return as_json(out, f"The probe of {spec.what}", _ANSWER)
