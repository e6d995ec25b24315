"""A machine in memory in the place of every engine that moothall asks."""

from __future__ import annotations

import os

import pytest
from tests.fakes.engine import Engine
from tests.fakes.provided import Images, Machine


def plugged(patch: pytest.MonkeyPatch, machine: Machine) -> None:
    """Have everything that asks an engine ask the machine."""

    def seen(endpoint: object, seconds: float = 0) -> Engine:
        return Engine(machine, endpoint)

    patch.setattr("os.fsync", lambda handle: None)  # no power cut happens here, and a disk takes its time
    patch.setattr("moothall.pulumi_engine.identity", machine.who)
    patch.setattr("moothall.pulumi_engine.provider.engine.connect", machine.connect)
    for place in ("stacks.apply", "restore.swap"):
        patch.setattr(f"moothall.operations.{place}.wait_ready", machine.logins)
    patch.setattr("docker.from_env", lambda **how: Images(machine))
    for place in ("verify.ready", "docker_engine.pool", "operations.restore.copy", "commands.stacks.doctor"):
        patch.setattr(f"moothall.{place}.Engine", seen)
    for name in [name for name in os.environ if name.startswith(("MOOTHALL_", "PULUMI_", "DOCKER_"))]:
        patch.delenv(name)
