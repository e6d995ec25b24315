"""The probe from outside: a throw-away hardened container on one council's own network, with the order put into it.

What a council can reach is only known from where the council stands. The order holds a password, so it goes into an
anonymous volume that dies with the container; the answer comes back on standard output and holds none.
"""

from __future__ import annotations

import io
import json
import os
import socket
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from moothall.verify.engine import Engine, as_json, last_line, told
from moothall.verify.task import CouldNotRun

LABEL = "moothall.probe"
OWNER_LABEL = "moothall.probe.owner"
FOREIGN_SECONDS = 600
"""After this time a probe of another machine is taken for forgotten; none lives that long."""
_MEMORY = 128 * 1024 * 1024


@dataclass(frozen=True)
class Place:
    """Where a probe stands, and as what: the partnership, the council's network, the image and its user."""

    partnership: str
    council: str
    network: str
    image: str
    user: str


@dataclass(frozen=True)
class Order:
    """What a probe shall do: log in to tenants until the deadline, knock at targets (address, port).

    `tenants` are objects with instance, host_name, port, database, login, password and proof_models. `depends` is
    the path of the module dependency table in the image, or "" to leave it out.
    """

    tenants: tuple[Mapping[str, object], ...] = field(repr=False)
    targets: tuple[tuple[str, int], ...] = ()
    deadline_seconds: float = 30.0
    knock_seconds: float = 1.0
    depends: str = ""

    def text(self) -> str:
        """Return the order as the probe program reads it."""
        return json.dumps(
            {
                "tenants": [dict(tenant) for tenant in self.tenants],
                "targets": self.targets,
                "deadline_seconds": self.deadline_seconds,
                "knock_seconds": self.knock_seconds,
                "depends": self.depends,
            }
        )


@dataclass(frozen=True)
class Seen:
    """What a probe saw of one tenant: outcome (ok, refused, not-ready), why, and how many seconds the login took.

    `modules` are the activated Tryton modules, None when they were not or could not be read; `proofs` says for each
    model asked why it does not answer, "" when it does.
    """

    outcome: str
    seconds: float
    detail: str = ""
    modules: tuple[str, ...] | None = None
    proofs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a probe saw: of each tenant by instance, per target what it does, the dependency table."""

    tenants: Mapping[str, Seen]
    sweep: tuple[str, ...]
    depends: Mapping[str, tuple[str, ...]]


def probe(engine: Engine, place: Place, order: Order, authority: str) -> Answer:
    """Run a probe at a place and return its answer; the container is removed whatever happens.

    Raises `CouldNotRun` when it cannot be made, does not end in time or ends badly.
    """
    with told(f"No probe can be put on the network {place.network}"):
        container = _create(engine, place)
    try:
        with told(f"The probe of {place.council} cannot be run"):
            engine.client.put_archive(container, "/cfg", _archive(order.text(), authority))
            engine.client.start(container)
        return _finish(engine, place, container, order.deadline_seconds)
    finally:
        _remove(engine, container)


def sweep_up(engine: Engine, partnership: str) -> None:
    """Remove the probes that a killed run has left: those whose process is gone."""
    for found in engine.containers():
        labels = found.get("Labels") or {}
        if labels.get(LABEL) == partnership and _forgotten(labels.get(OWNER_LABEL, ""), float(found["Created"])):
            _remove(engine, found["Id"])


def _create(engine: Engine, place: Place) -> str:
    """Make the container, hardened like every other; return its id."""
    from docker.types import LogConfig

    client = engine.client
    made = client.create_container(
        image=place.image,
        entrypoint=["python3", "-I", "/cfg/probe.py", "/cfg"],
        command=[],
        user=place.user,
        labels={LABEL: place.partnership, OWNER_LABEL: _owner()},
        volumes=["/cfg"],
        healthcheck={"test": ["NONE"]},
        host_config=client.create_host_config(
            network_mode=place.network,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=_MEMORY,
            memswap_limit=_MEMORY,
            pids_limit=64,
            dns_opt=["timeout:1", "attempts:1"],
            log_config=LogConfig(type="json-file", config={"max-size": "2m", "max-file": "1"}),
        ),
    )
    return str(made["Id"])


def _archive(order: str, authority: str) -> bytes:
    """Return the program, the order and the authority's certificate as a tar, for root's group only to read."""
    program = files("moothall.verify").joinpath("probe_program.py").read_text(encoding="utf-8")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in (("probe.py", program), ("order.json", order), ("ca.crt", authority)):
            content = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o440
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _finish(engine: Engine, place: Place, container: str, deadline_seconds: float) -> Answer:
    """Wait for the probe's end and read its answer."""
    patience = round(deadline_seconds) + 30
    with told(f"The probe of {place.council} did not end within {patience} s"):
        code = engine.client.wait(container, timeout=patience)["StatusCode"]
    with told(f"The answer of the probe of {place.council} cannot be read"):
        said = engine.client.logs(container, stdout=True, stderr=False).decode()
        wrong = engine.client.logs(container, stdout=False, stderr=True).decode(errors="replace")
    if code != 0:
        raise CouldNotRun(f"The probe of {place.council} ended with {code}: {last_line(wrong)}")
    return _answer(as_json(said, f"The probe of {place.council}"))


def _answer(said: dict[str, Any]) -> Answer:
    """Return what the probe program printed as values."""
    tenants = {
        instance: Seen(
            seen["outcome"],
            seen["seconds"],
            seen.get("detail", ""),
            tuple(seen["modules"]) if "modules" in seen else None,
            seen.get("proofs", {}),
        )
        for instance, seen in said["tenants"].items()
    }
    depends = {module: tuple(needed) for module, needed in said["depends"].items()}
    return Answer(tenants, tuple(said["sweep"]), depends)


def _remove(engine: Engine, container: str) -> None:
    """Remove a probe with its volume; one that is gone already is as good."""
    import docker

    try:
        engine.client.remove_container(container, v=True, force=True)
    except docker.errors.APIError as error:
        if error.status_code not in (404, 409):  # 409: another run is removing it at this moment
            raise CouldNotRun(f"The probe {container[:12]} cannot be removed: {error.explanation}") from error


def _owner() -> str:
    """Return who runs this probe: machine, process, and when the process began (ids are used again)."""
    return f"{socket.gethostname()}/{os.getpid()}/{_began(os.getpid())}"


def _forgotten(owner: str, created: float) -> bool:
    """Say whether nobody waits for a probe any more; `created` is in seconds since 1970."""
    machine, _, process = owner.partition("/")
    if machine != socket.gethostname():
        return time.time() - created > FOREIGN_SECONDS
    number, _, began = process.partition("/")
    return not number.isdigit() or _began(int(number)) != began


def _began(process: int) -> str:
    """Return when a process began, in ticks since the start of the machine (proc(5)); "" if there is none."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return ""
