"""Drills on a machine in memory: what is done in the isolated copy, that it goes again, and what silence or a kill
leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from itertools import count
from pathlib import Path

import pytest
from tests.fakes.dales import DAY, NEW, OLD, PRIMARY, cluster
from tests.fakes.falls import Killed, killed, silent
from tests.fakes.machine import Machine

from moothall import cli, paths
from moothall.deploy.deployment import PROJECT
from moothall.docker_engine.pool import EnginePool
from moothall.failures import CHANGES, Inconclusive, OperationError
from moothall.imagetags import tags
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import PASSED
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.drill.failover import failover_drill
from moothall.operations.drill.measurement import Measurement
from moothall.operations.drill.restore import restore_drill
from moothall.operations.drill.sandbox import stage
from moothall.operations.drill.sandbox_definitions import sandbox_partnership
from moothall.operations.restore.subject import Subject, choose
from moothall.operations.secrets import passing_vault, state_passphrase
from moothall.plan import compile_plan
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.errors import Locked
from moothall.pulumi_engine.state import lock
from moothall.resolve import resolve
from moothall.validation.validate import validate

COPY = "dales_drill_ledger"
SERVER, STANDBY = f"{COPY}.ledger.hill.postgres", f"{COPY}.ledger.vale.postgres"
AT = Endpoint("unix:///nowhere")
Drill = Callable[[], Measurement]


@pytest.fixture(scope="session")
def copied(dales: tuple[Path, Plan]) -> Plan:
    """The plan of the isolated copy."""
    definitions = validate(dales[0], DAY).definitions
    partnership = resolve(definitions.folders[0], definitions.modules, DAY)
    return compile_plan(sandbox_partnership(partnership, "ledger", ["alston", "carlin"], []), tags(paths.IMAGES))


@pytest.fixture
def drills(dales: tuple[Path, Plan], copied: Plan, context: Context, machine: Machine) -> dict[str, Drill]:
    """Return what drills a restore, and a failover, as a process of its own."""
    subject: Subject = choose(dales[1], "ledger", None)
    vault = passing_vault(dales[1])

    def drilled(kind: str) -> Measurement:
        locks = Backend(context.state, state_passphrase)
        with stage(copied, passing_vault(copied), AT, context.progress, locks) as place:
            if kind == "failover":
                return failover_drill(subject, vault, place)
            return restore_drill(subject, EnginePool(dales[1], Engines(AT)), vault, place)

    return {kind: lambda kind=kind: drilled(kind) for kind in ("restore", "failover")}  # type: ignore[misc]


class Before:
    """What stood before a drill."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.seen = self._look()

    def holds(self) -> None:
        """Hold that all of it stands as it did, and that nothing else does."""
        assert self._look() == self.seen

    def _look(self) -> object:
        standing = {name: (made.status, dict(made.files)) for name, made in self.machine.made.items()}
        volumes = {name: deepcopy(found) for name, found in self.machine.volumes.items()}
        return standing, volumes, dict(self.machine.networks)


FILLED = [
    f"stop {SERVER}",
    f"stop {STANDBY}",
    f"create {COPY}.copy",
    f"put pgbackrest.conf, postgresql.conf into {COPY}.copy",
    f"start {COPY}.copy",
    f"put order into {COPY}.copy",
    f"ALTER SYSTEM in {COPY}.copy",
    f"stop {COPY}.copy",
    f"remove {COPY}.copy",
    f"start {SERVER}",
    f"put follow-order into {STANDBY}",
    f"start {STANDBY}",
]


def test_a_restore_is_drilled(drills: dict[str, Drill], machine: Machine) -> None:
    """Servers first, then the real data, then those who log in; all of it is gone afterwards."""
    before = Before(machine)
    found = drills["restore"]()

    made = [step for step in machine.done if step.startswith("create ")]
    assert made.index(f"create {SERVER}") < made.index(f"create {COPY}.copy")
    assert made.index(f"create {COPY}.copy") < made.index(f"create {COPY}.alston.hill.ledger-application")
    begin = machine.done.index(FILLED[0])
    assert machine.done[begin : begin + len(FILLED)] == FILLED
    assert all(COPY in step for step in machine.done)
    assert [each.status for each in found.results] == [PASSED] * 4
    assert found.results[0].detail == "1 rows in 1 tables read, last change 2008-01-01T09:00:00"
    assert found.time is not None
    assert found.point is not None
    assert found.point > 0, "the live rows that the backups have not"
    before.holds()


def test_a_failover_is_drilled(drills: dict[str, Drill], machine: Machine) -> None:
    """One site of the copy is killed and the other one promoted, with every write that was confirmed."""
    before = Before(machine)
    found = drills["failover"]()

    steps = machine.done
    assert steps.count(f"INSERT INTO in {SERVER}") == 20
    written = max(number for number, step in enumerate(steps) if step.startswith("INSERT"))
    between = steps[written + 1 : steps.index(f"promote {STANDBY}")]
    assert f"stop {SERVER}" in between
    assert all(step.startswith("stop ") and ".hill." in step for step in between)
    assert (found.point, [each.status for each in found.results]) == (0.0, [PASSED] * 3)
    assert all(COPY in step for step in steps)
    before.holds()


def test_data_that_the_backups_lack(drills: dict[str, Drill], machine: Machine) -> None:
    """A tenant that is not in the backups misses what was agreed, by name; the other one passes."""
    assert machine.backup
    del machine.backup.databases["carlin"]
    status = {each.id: each.status for each in drills["restore"]().results}
    assert (status["data.alston.ledger"], status["data.carlin.ledger"]) == (PASSED, "failed")


def test_a_repository_without_a_backup(drills: dict[str, Drill], machine: Machine) -> None:
    """The drill cannot be done, which says how one is made; the copy is gone."""
    before = Before(machine)
    machine.backup = None
    with pytest.raises(OperationError, match="has no backup") as failed:
        drills["restore"]()
    assert failed.value.hint.startswith(f"docker --host {AT.host} exec dales.ledger.vale.repository pgbackrest ")
    before.holds()


@pytest.mark.parametrize("kind", ["restore", "failover"])
def test_killed_before_any_step(drills: dict[str, Drill], machine: Machine, kind: str) -> None:
    """Whatever a killed drill left is cleared by the next, which passes; what runs is touched by neither."""
    before = Before(machine)
    for number in count():
        machine.fall(number, killed)
        try:
            drills[kind]()
        except Killed:
            machine.revive()
            assert [each.status for each in drills[kind]().results if each.status != PASSED] == []
            before.holds()
        else:
            break
    assert number == len(machine.done) > 50


@pytest.mark.parametrize("kind", ["restore", "failover"])
def test_the_engine_falls_silent_before_any_step(drills: dict[str, Drill], machine: Machine, kind: str) -> None:
    """The drill says that the engine does not answer; the next one clears what is left, and passes."""
    before = Before(machine)
    for number in count():
        machine.fall(number, silent)
        try:
            drills[kind]()
        except Inconclusive as reason:
            assert "does not answer" in str(reason), number
            machine.revive()
            drills[kind]()
            before.holds()
        else:
            break
    assert number == len(machine.done) > 50


def test_a_drill_at_the_same_time(drills: dict[str, Drill], context: Context, machine: Machine) -> None:
    """The second one is refused before it clears what the first one has made."""
    with (
        lock.hold_all(Backend(context.state, state_passphrase), PROJECT, [COPY]),
        pytest.raises(Locked, match=f"Stack {COPY} is locked by process"),
    ):
        drills["restore"]()
    assert machine.done == []


def typed(root: Path, *words: str) -> tuple[int, dict[str, object]]:
    """Type a drill of a restore; return its exit code and the one piece of evidence that it has written."""
    code = cli.main(["drill", "restore", *words, "--root", str(root), "--as-of", DAY.isoformat()])
    [evidence] = (root / "evidence").glob("*.json")
    return code, json.loads(evidence.read_text())


def test_a_drill_that_is_typed(stood: Path, machine: Machine) -> None:
    """It ends well where nothing was agreed, with dated evidence in three forms."""
    before = Before(machine)
    code, found = typed(stood, "ledger")
    assert (code, found["outcome"], found["where"]) == (0, "passed", "isolated")
    files = sorted((stood / "evidence").iterdir())
    assert [file.suffix for file in files] == [".json", ".md", ".xml"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}-restore-dales-ledger", file.stem) for file in files)
    before.holds()


@pytest.mark.parametrize(("words", "stack"), [(["ledger"], COPY), (["ledger", "--live"], "dales.ledger.hill")])
def test_a_drill_that_is_typed_at_the_same_time(stood: Path, machine: Machine, words: list[str], stack: str) -> None:
    """It could not run, which its evidence says, with who is at work; nothing was touched."""
    with lock.hold_all(Backend(stood / ".moothall", state_passphrase), PROJECT, [stack]):
        code, found = typed(stood, *words, "--confirm", "ledger")
    assert (code, found["outcome"]) == (CHANGES, "could-not-run")
    assert f"Stack {stack} is locked by process" in str(found["results"])
    assert machine.done == []


def test_a_live_drill(stood: Path, machine: Machine) -> None:
    """The restored state is in place, and what ran before is kept."""
    code, found = typed(stood, "ledger", "--live", "--confirm", "ledger")
    assert (code, found["outcome"], found["where"]) == (0, "passed", "live")
    assert machine.cluster(PRIMARY).content == cluster(OLD).content
    assert [kept.content for kept in machine.made[PRIMARY].data.beside.values()] == [cluster(OLD, NEW).content]


@pytest.mark.parametrize("words", [["ledger"], ["ledger", "--live"]])
@pytest.mark.parametrize("step", [0, 8])
def test_a_typed_drill_on_an_engine_that_falls_silent(
    stood: Path, machine: Machine, words: list[str], step: int
) -> None:
    """It could not run, which its evidence says."""
    machine.fall(step, silent)
    code, found = typed(stood, *words, "--confirm", "ledger")
    assert (code, found["outcome"]) == (CHANGES, "could-not-run")
    assert "does not answer" in str(found["results"])


def test_a_live_drill_that_nobody_confirms(stood: Path, machine: Machine) -> None:
    """Nothing is touched, and there is no evidence of a drill."""
    assert cli.main(["drill", "restore", "ledger", "--live", "--root", str(stood), "--as-of", DAY.isoformat()]) == 5
    assert machine.done == []
    assert not (stood / "evidence").exists()
