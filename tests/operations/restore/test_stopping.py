"""Applications that were stopped for a swap run again, also where another of them could not be stopped."""

from __future__ import annotations

from typing import Any, cast

import pytest

from moothall.docker_engine.errors import DockerError
from moothall.failures import Inconclusive
from moothall.operations.restore.swap import run_swap
from moothall.ports import Silent


class Machine:
    """An engine that refuses to stop one application; `running` are those that run."""

    def __init__(self) -> None:
        self.running = {"first", "second"}

    def of(self, name: str) -> Machine:
        """Return the engine of a container."""
        return self

    def stop(self, name: str, grace_seconds: int) -> None:
        """Stop a container, unless it is the second."""
        if name == "second":
            raise DockerError("second cannot be stopped", "busy", "busy")
        self.running.discard(name)

    def start(self, name: str) -> None:
        """Start a container."""
        self.running.add(name)


def test_what_was_stopped_runs_again() -> None:
    """Nothing was put in place, and nobody is left without service."""
    machine: Any = Machine()

    def put() -> str:
        raise AssertionError("not everything was stopped")

    with pytest.raises(Inconclusive, match="cannot be stopped"):
        run_swap(cast("Any", None), machine, cast("Any", {}), cast("Any", None), Silent(), ("first", "second"), put)

    assert machine.running == {"first", "second"}
