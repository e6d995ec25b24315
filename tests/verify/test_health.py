"""A recovery is seen when it happens, not at the engine's next check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.verify.plans import container

from moothall.failures import Inconclusive
from moothall.model.planned import Health
from moothall.verify import health
from moothall.verify.spec_diff import state


class Engine:
    """An engine that says "unhealthy" until its next check, and a container whose own check fails `failing` times."""

    def __init__(self, failing: int) -> None:
        self.failing = failing

    def container(self, name: str) -> dict[str, Any]:
        """Return the container as the engine has seen it last."""
        return {"State": {"Running": True, "Status": "running", "Health": {"Status": "unhealthy"}}}

    def run(self, name: str, command: tuple[str, ...]) -> tuple[int, str]:
        """Make the check that is planned."""
        assert command == ("/usr/local/bin/ready",)
        self.failing -= 1
        if self.failing == 1:
            raise Inconclusive("it is being started")
        return (1, "") if self.failing > 0 else (0, "")


@pytest.mark.parametrize(("failing", "wrong"), [(0, []), (3, []), (1000, ["is unhealthy"])])
def test_what_has_recovered_is_not_ill(monkeypatch: pytest.MonkeyPatch, failing: int, wrong: list[str]) -> None:
    """What is starting is given a while; what stays ill is ill."""
    monkeypatch.setattr(health, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    planned = replace(container("pg", "postgres", ()), health=Health(("CMD", "/usr/local/bin/ready"), "30s", "1m0s"))
    assert state(planned, health.settled_state(Engine(failing), planned)) == wrong  # type: ignore[arg-type]
