"""The machine as `moothall.docker_engine.engine.Engine` shows an engine: behind the port of `moothall.docker_engine`.

`tests/docker_engine/test_port.py` holds it against a real one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tests.fakes.commands import Commands
from tests.fakes.life import Life
from tests.fakes.resources import Resources

from moothall.docker_engine.port import EngineMethods


class Engine(Life, Commands, Resources, EngineMethods):
    """An engine, and what it says of itself."""

    def version(self) -> str:
        """Return its version, if it answers."""
        self.machine.asked()
        return "20.10.24"

    def interface(self) -> tuple[int, int]:
        """Return the version of its API."""
        self.machine.asked()
        return 1, 41

    def time(self) -> datetime:
        """Return the time of its machine."""
        self.machine.asked()
        return datetime.now(UTC)

    def folder(self) -> str:
        """Return where it keeps its data."""
        self.machine.asked()
        return "/"
