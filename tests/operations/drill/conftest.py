"""A partnership in memory whose mirrored instance is failed over by commands, and an operator who drills that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.fakes.dales import DAY, PRIMARY, STANDBY
from tests.fakes.machine import Machine, logins
from tests.fakes.switching import role
from tests.operations.conftest import InTurn

from moothall import cli
from moothall.model.outcome import PASSED, CheckResult
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.secrets import passing_vault
from moothall.operations.switchover import switchover as switching
from moothall.operations.switchover.switchover_context import SwitchoverContext
from moothall.pulumi_engine.provider.calls import calling

PATIENCE = 5.0
"""How long, in seconds, somebody who logs in tries again."""
AT_ONCE = (
    "drill.live_failover._CATCH_UP_SECONDS",
    "switchover.server.COME_UP_SECONDS",
    "switchover.steps.CATCH_UP_SECONDS",
    "switchover.steps.DRAIN_SECONDS",
)
"""What is waited for elsewhere, and here is so at once or never."""


class Drilled(NamedTuple):
    """What came of a drill: its exit code, and the evidence that it wrote."""

    code: int
    evidence: dict[str, Any]

    @property
    def statuses(self) -> dict[str, str]:
        """The status of each result."""
        return {each["id"]: each["status"] for each in self.evidence["results"]}

    @property
    def told(self) -> str:
        """What its results say."""
        return " ".join(each["detail"] for each in self.evidence["results"])

    @property
    def hints(self) -> list[str]:
        """What its results advise."""
        return [each["hint"] for each in self.evidence["results"] if "hint" in each]


class Operator:
    """Somebody who types commands; each is a process of its own."""

    def __init__(self, root: Path, machine: Machine) -> None:
        self.root = root
        self.machine = machine

    def drill(self) -> Drilled:
        """Fail over and back, and read the evidence."""
        before = self._evidence()
        code = self.obey(["drill", "failover", "ledger", "--live", "--confirm", "ledger"])
        [file] = self._evidence() - before
        return Drilled(code, json.loads(file.read_text()))

    def obey(self, words: list[str]) -> int:
        """Type a command."""
        return cli.main([*words, "--root", str(self.root), "--as-of", DAY.isoformat()])

    @property
    def active(self) -> Path:
        """The record of where instances are served."""
        return self.root / "partnerships/dales/active.yaml"

    def serves(self) -> tuple[str, str]:
        """Return what the server at home is, and what the one at the mirror's site."""
        return role(self.machine.made[PRIMARY]), role(self.machine.made[STANDBY])

    def _evidence(self) -> set[Path]:
        """Return the evidence; drills may begin in one second, so each is put away under a name of its own."""
        kept = self.root / "evidence" / "kept"
        kept.mkdir(parents=True, exist_ok=True)
        for file in kept.parent.glob("*.json"):
            file.rename(kept / f"{len(list(kept.iterdir()))}.json")
        return set(kept.iterdir())


@pytest.fixture
def operator(stood: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """Somebody where the partnership stands; that a switch is recorded is a step, too."""

    def identity(endpoint: object) -> str:
        with calling(str(getattr(endpoint, "host", ""))):
            machine.asked()
        return "THIS"

    def ready(plan: Plan, vault: object, engines: object, tenants: Any, *more: Any) -> tuple[CheckResult, ...]:
        return logged_in(machine, plan, tenants, more[-1])

    genuine: Callable[..., str] = switching.record

    def record(context: Context, switchover: SwitchoverContext, active: object) -> str:
        machine.step("record the switch")
        return genuine(context, switchover, active)

    monkeypatch.setattr("moothall.pulumi_engine.identity", identity)
    for place in ("switchover_context", "start_containers"):
        monkeypatch.setattr(f"moothall.operations.switchover.{place}.ThreadPoolExecutor", InTurn)
    for name in AT_ONCE:
        monkeypatch.setattr(f"moothall.operations.{name}", 0.0)
    # A command counts from the start of its process, which here is that of all tests.
    monkeypatch.setattr("moothall.operations.switchover.switchover_context.command_time", time.monotonic)
    monkeypatch.setattr("moothall.operations.switchover.steps.wait_ready", ready)
    monkeypatch.setattr("moothall.operations.switchover.switchover.record", record)
    monkeypatch.setattr(
        "moothall.operations.switchover.switchover_context.open_vault", lambda context, plan: passing_vault(plan)
    )
    return Operator(stood, machine)


def logged_in(machine: Machine, plan: Plan, tenants: Any, gate: Any) -> tuple[CheckResult, ...]:
    """Log in as everybody, when the gate is open, again and again until all can."""
    for _ in {tenant.council for tenant in tenants} if gate else ():
        gate.arrive()
    if gate and not gate.passes():
        return ()
    until = time.monotonic() + PATIENCE
    while True:
        results = logins(machine, plan, tenants)
        in_vain = machine.has_fallen or time.monotonic() > until
        if in_vain or all(result.status == PASSED for result in results):
            return results
        time.sleep(0.001)
