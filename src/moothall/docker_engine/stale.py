"""Stale one-off containers: each has its owner process in a label, and the next run removes those without an owner."""

from __future__ import annotations

import os
import re
import socket
import time

from moothall.docker_engine.one_off import remove
from moothall.docker_engine.port import EnginePort
from moothall.processes import start_ticks

LABEL = "moothall.probe"
"""On everything that a run makes for itself: the partnership."""
OWNER_LABEL = "moothall.probe.owner"
FOREIGN_SECONDS = 600
"""After this time a container of another machine is taken for forgotten; none lives that long."""
_PROCESS = "[0-9]{1,10}"
"""The number of a process; anybody on the engine can have a container say something else."""


def owner_labels(partnership: str) -> dict[str, str]:
    """Return the labels of a container that this process runs: machine, process, and when the process began (ids are
    used again)."""
    return {LABEL: partnership, OWNER_LABEL: f"{socket.gethostname()}/{os.getpid()}/{start_ticks(os.getpid())}"}


def remove_stale(engine: EnginePort, partnership: str) -> None:
    """Remove the containers that a killed run has left: those whose process is gone. Raises DockerError."""
    for summary in engine.containers():
        labels = summary.get("Labels") or {}
        if labels.get(LABEL) == partnership and _is_stale(labels.get(OWNER_LABEL, ""), float(summary["Created"])):
            remove(engine, summary["Id"], f"The probe {summary['Id'][:12]}")


def _is_stale(owner: str, created_at: float) -> bool:
    """Say whether nobody waits for a container any more; `created` is in seconds since 1970."""
    machine, _, process = owner.partition("/")
    if machine != socket.gethostname():
        return time.time() - created_at > FOREIGN_SECONDS
    number, _, start = process.partition("/")
    return not re.fullmatch(_PROCESS, number) or str(start_ticks(int(number))) != start
