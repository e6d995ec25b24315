"""`decommission --rehearse` in memory: a leaver runs alone, and what silence, somebody else or a kill leaves of it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fakes.dales import DAY
from tests.fakes.falls import Killed
from tests.fakes.plugged import plugged
from tests.operations.offboarding.alone import CHANGES, Home, Leaver, Still
from tests.operations.offboarding.desk import Desk

from moothall import cli
from moothall.deploy import deployment
from moothall.deploy.deployment import PROJECT
from moothall.failures import BLOCKED, FAILED, OK, OperationError
from moothall.model.outcome import COULD_NOT_RUN, PASSED, CheckResult
from moothall.operations.offboarding import manifest, standalone
from moothall.operations.offboarding.folder_lock import hold_folder
from moothall.operations.secrets import state_passphrase
from moothall.ports import Silent
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.state import lock

GENUINE_UP = deployment.up
SERVER = "carlin-alone.ledger.home.postgres"
STACKS = ["carlin-alone.carlin.home", "carlin-alone.home", "carlin-alone.ledger.home"]
LOADING = [f"{what} {SERVER}" for what in ("put carlin.dump into", "have_tenant in", "DROP DATABASE in", "fill in")]
ALL = ["load.carlin.ledger", "data.carlin", "alone.carlin"]
LEADS_ON = ("moothall doctor", "docker --host ", "moothall decommission carlin --rehearse ", "do the same again")
KILLS, SILENCES = 12, 24
"""Every which change, and every which call, is tried: a rehearsal takes half a second, and many are alike."""


@pytest.fixture
def leaver(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Leaver:
    """Somebody with a proved export, on an engine of their own, where one thing is done after the other."""
    desk.export()
    machine, dead = Home(), subprocess.Popen(["true"])
    dead.wait()
    plugged(monkeypatch, machine)
    monkeypatch.setattr("moothall.deploy.deployment.up", GENUINE_UP)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("moothall.pulumi_engine.state.passphrase.ROUNDS", 1)  # nobody attacks, and each takes long
    monkeypatch.setattr("moothall.deploy.order.CONCURRENT_STACKS", 1)
    monkeypatch.setattr("moothall.pulumi_engine.steps.apply_goals.AT_ONCE", 1)
    monkeypatch.setattr("moothall.pulumi_engine.steps.step_executor.DELETES_AT_ONCE", 1)
    for name, stand_in in (("wait_ready", machine.logins), ("verify", machine.verified)):
        monkeypatch.setattr(f"moothall.operations.offboarding.standalone.{name}", stand_in)
    return Leaver(desk.target, machine, dead.pid)


def ran_alone(leaver: Leaver, results: list[CheckResult]) -> None:
    """Hold that all of it was seen to and is good, and that nothing is left."""
    assert [(each.id, each.status) for each in results] == [(id_, PASSED) for id_ in ALL]
    assert (leaver.standing(), leaver.root.exists()) == ([], False)


def test_it_runs_alone_and_goes(leaver: Leaver) -> None:
    """Its data is in before anything else is made that might make a tenant of its own."""
    ran_alone(leaver, leaver.rehearse())
    heard = [what for what in leaver.machine.heard if what.startswith(CHANGES)]
    assert heard.index(f"create {SERVER}") < heard.index(LOADING[0])
    assert [what for what in heard if what in LOADING] == LOADING
    assert heard.index(LOADING[-1]) < heard.index("create carlin-alone.carlin.home.ledger-prepare")
    ran_alone(leaver, leaver.rehearse())


def test_an_export_brings_nothing_but_definitions(leaver: Leaver) -> None:
    """Whoever made it may have put engines beside them, a state, modules of its own, and another partnership."""
    strange = ("stacks/engines.yaml", ".moothall/keyring/carlin-alone.json", "modules/finance/module.yaml")
    for name in (*strange, "partnerships/evil/partnership.yaml"):
        path = leaver.export / "definitions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("evil")
    document = json.loads((leaver.export / manifest.MANIFEST).read_text())
    manifest.write(leaver.export, document)

    ran_alone(leaver, leaver.rehearse())


def test_it_may_stay(leaver: Leaver) -> None:
    """What stands is said with where that is described; the next rehearsal takes it down first."""
    results = leaver.rehearse(keep_standing=True)
    assert [each.status for each in results] == [PASSED] * len(ALL)
    assert results[-1].detail == f"it stands: moothall credentials carlin INSTANCE --root {leaver.root}"
    assert SERVER in leaver.standing()
    ran_alone(leaver, leaver.rehearse())


def kept(leaver: Leaver, is_kept: Callable[[str], bool]) -> list[tuple[str, Still]]:
    """Rehearse, and return what there was at some moments: before each call that is kept."""
    stills: list[tuple[str, Still]] = []

    def keep(what: str) -> None:
        if is_kept(what):
            stills.append((what, leaver.still()))

    leaver.machine.watch = keep
    leaver.rehearse()
    leaver.machine.answer_again()
    return stills


def test_killed_before_a_step(leaver: Leaver) -> None:
    """Whatever a killed rehearsal has left the next one takes down, and then it is as if nothing had happened."""
    stills = kept(leaver, lambda what: what.startswith(CHANGES))
    count = len(stills)
    assert count > 40
    loading = [index for index, (what, _) in enumerate(stills) if what in LOADING]
    for index in sorted({*range(0, count, KILLS), *loading[1:], count - 1}):
        leaver.resume(stills[index][1])
        try:
            ran_alone(leaver, leaver.rehearse())
        except OperationError as failed:
            raise AssertionError((stills[index][0], failed.message, failed.state, failed.hint)) from failed


@pytest.mark.parametrize("removals", [1, 2])
def test_killed_while_its_files_are_removed(leaver: Leaver, monkeypatch: pytest.MonkeyPatch, removals: int) -> None:
    """Nothing stands any more; whichever of its files are gone, the next one begins from there."""
    genuine, begun = shutil.rmtree, []

    def rmtree(path: Path, **how: bool) -> None:
        if path.exists():
            begun.append(path)
        if len(begun) == removals:
            for each in path.rglob("*.yaml"):  # in whatever order there is
                each.unlink()
            raise Killed
        genuine(path, **how)

    with monkeypatch.context() as patch:
        patch.setattr(standalone.shutil, "rmtree", rmtree)
        with pytest.raises(Killed):
            leaver.rehearse()
    assert leaver.root.exists()
    ran_alone(leaver, leaver.rehearse())


def test_the_engine_falls_silent(leaver: Leaver) -> None:
    """It is told that it does not answer and what leads on, and what was seen before; the next rehearsal is as any."""
    start = leaver.still()
    leaver.machine.heard.clear()
    leaver.rehearse()
    heard = list(leaver.machine.heard)
    looked = heard.index("who", heard.index("create carlin-alone.carlin.home.network"))  # all of it stands by then
    numbers, seen = {0, *range(1, len(heard), SILENCES), *range(looked, looked + 4), len(heard) - 1}, 0
    for number in sorted(numbers):
        leaver.resume(start)
        leaver.machine.silent_from(number)
        try:
            results = leaver.rehearse()
        except OperationError as failed:
            told = (heard[number], failed.message, failed.state, failed.hint)
            assert "does not answer" in failed.message, told
            assert failed.state, told
            assert failed.hint.startswith(LEADS_ON), told
        else:
            seen += 1
            assert results[0].status == PASSED
            assert {each.status for each in results} == {PASSED, COULD_NOT_RUN}
            assert all(each.detail and each.id for each in results if each.id.startswith("cleared"))
        leaver.machine.answer_again()
        if number % 3 == 0:
            ran_alone(leaver, leaver.rehearse())
    assert seen > 2, "once all was looked at, silence takes none of it away"


class Interfering(Silent):
    """Somebody who does something whenever a stage begins."""

    def __init__(self, do: Callable[[str], object]) -> None:
        self.do = do

    def stage(self, text: str) -> None:
        """Do it."""
        self.do(text)


@pytest.mark.parametrize("stack", STACKS)
def test_somebody_works_on_what_stands(leaver: Leaver, stack: str) -> None:
    """Whoever typed `up` or `destroy` for what stands of a rehearsal is named to who rehearses again."""
    leaver.rehearse(keep_standing=True)
    standing = leaver.standing()
    backend = Backend(leaver.root / ".moothall", state_passphrase)
    with lock.hold_all(backend, PROJECT, [stack]), pytest.raises(OperationError) as failed:
        leaver.rehearse()
    assert f"Stack {stack} is locked by process" in failed.value.message
    assert socket.gethostname() in failed.value.message
    assert failed.value.hint.startswith(f"moothall unlock --root {leaver.root} {stack}")
    assert set(leaver.standing()) <= set(standing)
    assert [name for name in standing if name.startswith(stack)] == [
        name for name in leaver.standing() if name.startswith(stack)
    ]
    ran_alone(leaver, leaver.rehearse())


def test_two_rehearsals_of_one_export(leaver: Leaver) -> None:
    """Whenever the second one is typed it touches nothing, is told who is at work, and the first one passes."""
    told: list[OperationError] = []

    def another(text: str) -> None:
        with pytest.raises(OperationError) as failed:
            Leaver(leaver.export, leaver.machine, leaver.dead).rehearse()
        told.append(failed.value)

    leaver.progress = Interfering(another)
    ran_alone(leaver, leaver.rehearse())
    assert len(told) > 2
    for failure in told:
        assert failure.message.startswith(f"{leaver.export} is worked on by process ")
        assert (failure.exit_code, failure.state) == (BLOCKED, "Nothing was touched.")


def test_a_rehearsal_that_is_typed(
    leaver: Leaver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It needs no definitions; it ends as blocked while somebody is at the folder, and as failed on a silent engine."""
    typed = ["decommission", "carlin", "--rehearse", str(leaver.export), "--root", str(tmp_path / "nothing")]
    (tmp_path / "nothing").mkdir()
    with hold_folder(leaver.export):
        assert cli.main(typed) == BLOCKED
    assert "is worked on by process" in capsys.readouterr().err
    assert leaver.machine.heard == []
    leaver.machine.silent = True
    assert cli.main(typed) == FAILED
    assert "  hint: moothall doctor" in capsys.readouterr().err
    leaver.machine.answer_again()
    assert cli.main([*typed, "--as-of", DAY.isoformat()]) == OK
    assert (leaver.standing(), leaver.root.exists()) == ([], False)
