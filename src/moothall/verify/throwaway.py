"""A throw-away container: as hardened as every other, with files put into it, that runs once, says something and goes.

Its files may hold secrets, so they go into an anonymous volume that dies with the container; what it says holds none.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files as packaged
from typing import Any

from moothall.docker_engine.engine import Engine, as_json
from moothall.docker_engine.errors import ImageNotFound, Refused, last_line, translate_docker_errors
from moothall.docker_engine.one_off import OneOff, create
from moothall.docker_engine.tar import texts
from moothall.failures import CouldNotRun
from moothall.processes import began
from moothall.verify.gate import Gate
from moothall.verify.probe_program import GO, HELD

LABEL = "moothall.probe"
OWNER_LABEL = "moothall.probe.owner"
FOREIGN_SECONDS = 600
"""After this time a probe of another machine is taken for forgotten; none lives that long."""
PROGRAMS = ("probe_program.py", "probe_doors.py", "probe_roles.py")
_MEMORY_MB = 128
_START = "import sys; sys.path.insert(0, '/cfg'); from moothall.verify.probe_program import main; main('/cfg')"


@dataclass(frozen=True)
class Errand:
    """What a throw-away container does where: `network` may be `SPACE_OF` a container; `seconds` is its patience.

    `files` are the texts of its files below /cfg, beside the programs.
    """

    partnership: str
    what: str
    network: str
    image: str
    user: str
    files: Mapping[str, str] = field(repr=False)
    seconds: float


def run(engine: Engine, errand: Errand, gate: Gate | None = None) -> Any:
    """Run an errand and return the JSON that it printed; the container is removed whatever happens.

    With a `gate` it stands ready until that opens. Raises `CouldNotRun` when it cannot be made, is sent away, does not
    end in time or ends badly.
    """
    with translate_docker_errors(f"No probe can be put on {errand.network}"):
        container = _create(engine, errand)
    try:
        if not gate:
            _start(engine, errand, container, errand.files)
            return _finish(engine, errand, container)
        with gate.together():  # removing a container takes what the logins of others need now
            _start(engine, errand, container, {**errand.files, HELD: ""})
            _hold(engine, errand, container, gate)
            return _finish(engine, errand, container)
    finally:
        _remove(engine, container)


def sweep_up(engine: Engine, partnership: str) -> None:
    """Remove the probes that a killed run has left: those whose process is gone."""
    for found in engine.containers():
        labels = found.get("Labels") or {}
        if labels.get(LABEL) == partnership and _forgotten(labels.get(OWNER_LABEL, ""), float(found["Created"])):
            _remove(engine, found["Id"])


def _create(engine: Engine, errand: Errand) -> str:
    """Create the container; with another version of the image where these definitions' own is not built yet.

    After an update of this program what stands is older until the next `up`, and has to be looked at all the same; a
    probe brings its own program.
    """
    try:
        return _of_image(engine, errand, errand.image)
    except ImageNotFound:
        other = _another_version(engine, errand.image)
        if other is None:
            raise
        return _of_image(engine, errand, other)


def _of_image(engine: Engine, errand: Errand, image: str) -> str:
    wanted = OneOff(
        image,
        errand.user,
        {LABEL: errand.partnership, OWNER_LABEL: owner()},
        _MEMORY_MB,
        network=errand.network,
        entrypoint=["python3", "-I", "-c", _START],
        volumes=["/cfg"],
    )
    return create(engine, wanted)


def _another_version(engine: Engine, image: str) -> str | None:
    """Return the id of the newest image of the same name, whatever its tag."""
    found = engine.images(image.rpartition(":")[0])
    return max(found, key=lambda each: each["Created"])["Id"] if found else None


def _start(engine: Engine, errand: Errand, container: str, files: Mapping[str, str]) -> None:
    with translate_docker_errors(f"The probe of {errand.what} cannot be run"):
        engine.write_files(container, "/cfg", _archive(files))
        engine.start(container)


def _archive(files: Mapping[str, str]) -> bytes:
    """Return the programs and the errand's own files as a tar."""
    programs = packaged("moothall.verify")
    own = {f"moothall/verify/{name}": programs.joinpath(name).read_text(encoding="utf-8") for name in PROGRAMS}
    return texts({**own, **files})


def _hold(engine: Engine, errand: Errand, container: str, gate: Gate) -> None:
    """Wait until the container says that it stands, and send it on its way when the gate opens."""
    with translate_docker_errors(f"The probe of {errand.what} cannot be run"):
        engine.await_error_output(container)
        gate.arrive()
        if not gate.passes():
            raise CouldNotRun("nobody wants to know any more")
        engine.kill(container, GO)


def _finish(engine: Engine, errand: Errand, container: str) -> Any:
    """Wait for the end and read what was said."""
    patience = round(errand.seconds) + 90
    with translate_docker_errors(f"The probe of {errand.what} did not end within {patience} s"):
        code = engine.wait(container, patience)
    with translate_docker_errors(f"The answer of the probe of {errand.what} cannot be read"):
        said, wrong = engine.logs(container, err=False), engine.logs(container, out=False)
    if code != 0:
        raise CouldNotRun(f"The probe of {errand.what} ended with {code}: {last_line(wrong)}")
    return as_json(said, f"The probe of {errand.what}")


def _remove(engine: Engine, container: str) -> None:
    """Remove a probe with its volume; one that is gone already is as good."""
    with translate_docker_errors(f"The probe {container[:12]} cannot be removed"):
        try:
            engine.remove(container)
        except Refused as error:
            if error.status not in (404, 409):  # 409: another run is removing it at this moment
                raise


def owner() -> str:
    """Return who runs a probe, for `OWNER_LABEL`: machine, process, and when the process began (ids are used again)."""
    return f"{socket.gethostname()}/{os.getpid()}/{began(os.getpid())}"


def _forgotten(whose: str, created: float) -> bool:
    """Say whether nobody waits for a probe any more; `created` is in seconds since 1970."""
    machine, _, process = whose.partition("/")
    if machine != socket.gethostname():
        return time.time() - created > FOREIGN_SECONDS
    number, _, begun = process.partition("/")
    return not number.isdigit() or str(began(int(number))) != begun
