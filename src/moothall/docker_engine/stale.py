"""One-off containers that nobody waits for any more: each carries who runs it, and the next run removes the others'."""

from __future__ import annotations

import os
import socket
import time

from moothall.docker_engine.one_off import remove
from moothall.docker_engine.port import EnginePort
from moothall.processes import began

LABEL = "moothall.probe"
"""On everything that a run makes for itself: the partnership."""
OWNER_LABEL = "moothall.probe.owner"
FOREIGN_SECONDS = 600
"""After this time a container of another machine is taken for forgotten; none lives that long."""


def owner_labels(partnership: str) -> dict[str, str]:
    """Return the labels of a container that this process runs: machine, process, and when the process began (ids are
    used again)."""
    return {LABEL: partnership, OWNER_LABEL: f"{socket.gethostname()}/{os.getpid()}/{began(os.getpid())}"}


def remove_stale(engine: EnginePort, partnership: str) -> None:
    """Remove the containers that a killed run has left: those whose process is gone. Raises DockerError."""
    for found in engine.containers():
        labels = found.get("Labels") or {}
        if labels.get(LABEL) == partnership and _is_stale(labels.get(OWNER_LABEL, ""), float(found["Created"])):
            remove(engine, found["Id"], f"The probe {found['Id'][:12]}")


def _is_stale(owner: str, created: float) -> bool:
    """Say whether nobody waits for a container any more; `created` is in seconds since 1970."""
    machine, _, process = owner.partition("/")
    if machine != socket.gethostname():
        return time.time() - created > FOREIGN_SECONDS
    number, _, begun = process.partition("/")
    return not number.isdigit() or str(began(int(number))) != begun
