"""The programs of the stacks: the one that the plain Pulumi CLI runs, and one of a stack with very many containers."""

from __future__ import annotations

import runpy
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.pulumi_engine.memory_engine import MemoryEngine

from moothall import environment, paths
from moothall.compilation import compile_all
from moothall.deploy import labels
from moothall.deploy.program import program
from moothall.keys.vault import DerivingVault
from moothall.model.engines import Endpoint
from moothall.model.planned import Plan, Stack
from moothall.operations.context import Context
from moothall.operations.secrets import key_id, open_vault
from moothall.ports import Silent, Vault
from moothall.pulumi_engine import Backend, StackRun
from moothall.pulumi_engine.steps.observer import SILENT
from moothall.pulumi_engine.steps.operations import Operation
from moothall.validation.validate import validate

DAY = date(2008, 6, 1)
NAME = "northumberland-durham"
MANY = 60


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan of the partnership that is shipped."""
    [plan] = compile_all(validate(paths.PROJECT, DAY).definitions, DAY, NAME)
    return plan


def operation(run: StackRun, state: Path, engine: MemoryEngine) -> Operation:
    """Return the operation of a program on an engine in memory."""
    return Operation(run, Backend(state, lambda: "a passphrase of the tests"), SILENT, lambda address: engine)


def run_of(plan: Plan, stack: Stack, vault: Vault | None = None) -> StackRun:
    """Return the run of a stack as `up` makes it."""
    known = vault or DerivingVault({0: bytes(32)}, plan.partnership, agreed=plan.agreed, as_of=DAY)
    declare = program(plan, stack, known, "key", Endpoint("unix:///memory.sock"), "digest")
    return StackRun("moothall", stack.name, declare, (labels.OWNER, labels.owner(stack.name, "key")), declarative=True)


@pytest.mark.parametrize("unit", ["durham.durham-dc", "erp.morpeth", "consett"])
def test_the_program_for_the_cli_declares_what_up_does(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    """`pulumi up -C stacks` registers the same resources, with the same options, as `moothall up`."""
    monkeypatch.setenv("MOOTHALL_STATE", str(tmp_path / "keys"))
    monkeypatch.setenv("MOOTHALL_PASSPHRASE", "a passphrase of the tests")
    monkeypatch.setattr(
        environment, "_secrets", {}
    )  # the program keeps it from children, and from the tests after this one
    monkeypatch.setenv("MOOTHALL_AS_OF", DAY.isoformat())
    [stack] = [stack for stack in plan.stacks if stack.name == f"{NAME}.{unit}"]

    def by_cli() -> None:
        runpy.run_path(str(paths.PROJECT / "stacks" / "__main__.py"), run_name="__main__")

    context = Context(tmp_path, tmp_path / "keys", DAY, Silent())
    ours = run_of(plan, stack, open_vault(context, plan, create=True))
    owner = labels.OWNER, labels.owner(stack.name, key_id(context, plan))
    theirs = replace(ours, program=by_cli, ownership=owner, declarative=False)

    one, other = (
        operation(run, tmp_path / name, MemoryEngine()).preview() for name, run in (("ours", ours), ("theirs", theirs))
    )

    assert (one.failures, other.failures) == ((), ())
    shown = [{(step.op, step.urn, step.physical, step.protected) for step in each.changes} for each in (one, other)]
    assert shown[0] == shown[1]
    assert len(shown[0]) > len(stack.containers)


def test_a_stack_of_very_many_containers(plan: Plan, tmp_path: Path) -> None:
    """A program that waits for answers as it goes makes all of them, and finds them unchanged afterwards."""
    [stack] = [stack for stack in plan.stacks if stack.name == f"{NAME}.erp.morpeth"]
    [first, *_] = stack.containers
    more = [replace(first, key=f"{first.key}-{n}", name=f"{first.name}-{n}", needs=()) for n in range(MANY)]
    run = run_of(plan, replace(stack, containers=(*stack.containers, *more)))
    engine = MemoryEngine()

    done = operation(run, tmp_path, engine).up(threading.Event())
    again = operation(run, tmp_path, engine).up(threading.Event())

    assert (done.status, done.failures) == ("succeeded", ())
    made = len([step for step in done.changes if step.type.endswith(":Container")])
    assert made == 2 * (len(stack.containers) + MANY)  # each has its uploader
    assert (again.status, again.changes) == ("succeeded", ())
