"""After an upgrade of moothall councils are carried over in turn; who runs the programs is played through the port."""

from __future__ import annotations

import threading
import time
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from moothall import paths
from moothall.compilation import compile_all
from moothall.deploy import applied_digests, deployment
from moothall.keys.vault import DerivingVault
from moothall.model.engines import Endpoint, Engines
from moothall.model.planned import Plan
from moothall.model.stackname import parts
from moothall.ports import Silent
from moothall.pulumi_engine import Backend, FailedStep, Outcome, StackRun, Survey
from moothall.validation.validate import validate

DAY = date(2010, 1, 1)
NAME = "northumberland-durham"


class Runner:
    """Notes which stacks are worked on at once; those whose name ends in `bad` fail."""

    def __init__(self, bad: str = "") -> None:
        self.at_once: list[frozenset[str]] = []
        self._active: set[str] = set()
        self._bad = bad
        self._lock = threading.Lock()

    def survey(self, project: str, backend: Backend, stacks: Any = None, *, stop: Any = None) -> Survey:
        """Nothing is on record: every stack is worked on."""
        return Survey(project, ())

    def resource_counts(self, project: str, backend: Backend, of: Any) -> dict[str, int]:
        """Nothing."""
        return {}

    def up(self, run: StackRun, backend: Backend, *, observer: Any = None, stop: Any = None) -> Outcome:
        """Take a moment, in which others that may can begin."""
        with self._lock:
            self._active.add(run.stack)
            self.at_once.append(frozenset(self._active))
        time.sleep(0.05)
        with self._lock:
            self._active.discard(run.stack)
        if self._bad and run.stack.endswith(self._bad):
            return Outcome(run.stack, "failed", (), (FailedStep("", "", "it does not come back"),))
        return Outcome(run.stack, "succeeded")


@cache
def planned() -> Plan:
    """Return the plan of the partnership that is shipped."""
    [plan] = compile_all(validate(paths.PROJECT, DAY).definitions, DAY, NAME)
    return plan


def carried_over(state: Path, runner: Runner) -> dict[str, str]:
    """Return what became of each stack, where the last `up` was by another moothall."""
    plan = planned()
    made = deployment.Deployment(
        plan=plan,
        digest=lambda stack: "as it was",
        vault=DerivingVault({0: bytes(32)}, plan.partnership, agreed=plan.agreed, as_of=DAY),
        key_id="key",
        engines=Engines(Endpoint("unix:///memory.sock")),
        state=state,
        backend=Backend(state, lambda: "a passphrase of the tests"),
        runner=runner,
    )
    for stack in plan.stacks:
        applied_digests.write(state, stack.name, "as it was", "its state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(applied_digests, "code", lambda: "that of a newer moothall")
        changes = deployment.up(made, (), Silent(), threading.Event())
    return {change.stack: change.status for change in changes}


def of_councils(stacks: frozenset[str]) -> set[str]:
    """Return the councils among what these stacks hold."""
    return {parts(name).unit_or_site for name in stacks} & set(planned().identities)


def test_one_council_after_the_other(tmp_path: Path) -> None:
    """All are carried over, and never two councils at once; servers and sites are not waited for."""
    runner = Runner()

    assert set(carried_over(tmp_path, runner).values()) == {"succeeded"}
    assert {len(of_councils(stacks)) for stacks in runner.at_once} == {0, 1}


def test_none_after_one_that_failed(tmp_path: Path) -> None:
    """A council that does not come back is the last that was touched."""
    runner = Runner(bad=".durham.durham-dc")

    became = carried_over(tmp_path, runner)

    [failed] = [name for name, status in became.items() if status == "failed"]
    assert failed == f"{NAME}.durham.durham-dc"
    begun = [name for stacks in runner.at_once for name in stacks if of_councils(frozenset({name}))]
    assert begun[-1] == failed
    assert "could-not-run" in became.values()
