"""What all calls on an engine in memory have in common: each is counted, and what it is about is looked for."""

from __future__ import annotations

from typing import Any

from tests.fakes.containers import RUNNING, Container
from tests.fakes.store import Store

from moothall.docker_engine.errors import NotFound, Refused

HOST = "memory"


class Calls:
    """Whoever asks the engine of a machine, as `moothall.docker_engine.connection.Connection` is."""

    def __init__(self, machine: Store, endpoint: Any = None, seconds: float = 0) -> None:
        self.machine = machine
        self.endpoint = endpoint
        self.host = endpoint if isinstance(endpoint, str) else getattr(endpoint, "host", HOST)

    def _one(self, name: str) -> Container:
        self.machine.asked()
        made = self.machine.one(name)
        if made is None:
            raise NotFound(f"{name} is not there", "no such container", f"No such container: {name}", 404)
        return made

    def _running(self, name: str) -> Container:
        made = self._one(name)
        if made.status != RUNNING:
            raise Refused(f"No command can be run in {name}", "it is not running", "it is not running", 409)
        return made
