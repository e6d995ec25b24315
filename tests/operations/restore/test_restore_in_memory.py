"""One restore on a machine in memory: what is done in which order, and what a silent engine or a kill leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.dales import DAY, NEW, OLD, PRIMARY, STANDBY, cluster
from tests.fakes.falls import silent
from tests.fakes.machine import Machine
from tests.operations.restore.deeds import (
    APPLICATION,
    COPY,
    DEEDS,
    EXCHANGE,
    JOB,
    NEWEST,
    OTHER,
    OTHERS_JOB,
    SWAP_COUNCIL,
    SWAP_INSTANCE,
    UNDO_COUNCIL,
    Open,
    copy_steps,
    is_restored,
    prepare,
    stand,
    steps,
    swap,
)
from tests.operations.restore.moments import Ending, look

from moothall import cli
from moothall.deploy.deployment import PROJECT
from moothall.docker_engine.one_off import ContainerResult
from moothall.failures import BLOCKED, OperationError
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.secrets import state_passphrase
from moothall.ports import Silent
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.state import lock


def test_a_copy_stands_beside_and_what_runs_is_only_read(open_restore: Open, machine: Machine) -> None:
    """The copy is made step by step in names of its own, and each tenant is compared with what runs."""
    made, compared = open_restore("ledger").restore_beside(NEWEST)

    assert machine.done == copy_steps(COPY)
    assert machine.cluster(COPY).content == cluster(OLD).content
    assert machine.cluster(PRIMARY) == cluster(OLD, NEW)
    assert [(each.tenant.council, each.rows_written_since) for each in compared] == [("alston", 1), ("carlin", 1)]
    assert [[(each.live_rows, each.copy_rows) for each in found.differences] for found in compared] == [[(2, 1)]] * 2
    assert (made.last_commit and made.last_commit.isoformat(), made.notes) == ("2008-05-01T00:00:00+00:00", ())


def test_a_copy_that_runs_is_used_again(open_restore: Open, machine: Machine) -> None:
    """The next command of the same moment makes none; of another moment the old one goes first."""
    open_restore("ledger").restore_beside(NEWEST)
    machine.done.clear()
    again, _ = open_restore("ledger").restore_beside(NEWEST)
    assert (machine.done, again.notes) == ([], ("the copy was there already",))

    open_restore("ledger").restore_beside(RecoveryTarget(again.last_commit))
    assert machine.done[:2] == [f"remove {COPY}", f"remove volume {COPY}"]
    assert machine.done[2:] == copy_steps(COPY)


def test_one_council_is_swapped(open_restore: Open, machine: Machine) -> None:
    """Its database alone changes place, while its application alone is stopped; what was there is kept."""
    restore = open_restore("alston")
    restore.restore_beside(NEWEST)
    done = restore.swap()

    assert machine.done == SWAP_COUNCIL
    databases = machine.cluster(PRIMARY).databases
    assert databases["alston"].content == cluster(OLD).databases["alston"].content
    assert databases["alston"].mark == "moothall: ready"
    assert databases[done.former_name] == cluster(OLD, NEW).databases["alston"]
    assert databases["carlin"] == cluster(OLD, NEW).databases["carlin"]
    assert done.failed_logins == ()


def test_an_instance_is_swapped(open_restore: Open, machine: Machine) -> None:
    """Its cluster changes place while nobody works, the former one is kept, and the mirror follows the new one."""
    restore = open_restore("ledger")
    restore.restore_beside(NEWEST)
    done = restore.swap()

    assert machine.done == SWAP_INSTANCE
    assert machine.cluster(PRIMARY) == cluster(OLD)
    assert machine.made[PRIMARY].data.beside == {done.former_name: cluster(OLD, NEW)}
    standby = machine.cluster(STANDBY)
    assert (standby.content, standby.follows) == (cluster(OLD).content, True)
    assert done.failed_logins == ()


@pytest.mark.parametrize("name", ["alston", "ledger"])
def test_what_was_swapped_is_put_back_and_forgotten(open_restore: Open, machine: Machine, name: str) -> None:
    """Undoing keeps what was undone, which may be undone too; forgetting removes all of it but what runs."""
    swap(open_restore(name))
    wanted = {"alston": UNDO_COUNCIL, "ledger": EXCHANGE}[name]
    machine.done.clear()

    open_restore(name).undo()
    assert machine.done == wanted
    assert machine.cluster(PRIMARY).content["alston"] == cluster(OLD, NEW).content["alston"]
    open_restore(name).undo()
    assert machine.cluster(PRIMARY).content["alston"] == cluster(OLD).content["alston"]

    kept = open_restore(name).former_states()
    assert len(kept) == 1
    assert open_restore(name).forget() == kept
    assert open_restore(name).former_states() == ()
    assert machine.cluster(PRIMARY).content["alston"] == cluster(OLD).content["alston"]


def test_who_cannot_log_in_afterwards_is_told(
    open_restore: Open, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A swap that is done with somebody left outside says whom."""
    genuine = machine.begin
    monkeypatch.setattr(machine, "begin", lambda made: None if made.name == OTHER else genuine(made))
    restore = open_restore("ledger")
    restore.restore_beside(NEWEST)
    assert restore.swap().failed_logins == ("carlin logs in: no",)


def test_a_job_that_gives_no_passwords_says_why(
    open_restore: Open, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The swap is done all the same, and the jobs of the others are."""
    said: list[str] = []
    monkeypatch.setattr(Silent, "stage", lambda progress, text: said.append(text))
    genuine, refused = machine.started, ContainerResult(1, "", "prepare-tenant: no\n")
    monkeypatch.setattr(machine, "started", lambda made: refused if made.name == JOB else genuine(made))

    swap(open_restore("ledger"))

    assert f"{JOB} ended with 1: prepare-tenant: no" in said
    assert f"start {OTHERS_JOB}" in machine.done
    stand(machine)


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_a_dump_that_fails_leaves_what_runs(open_restore: Open, machine: Machine, program: str) -> None:
    """Nobody is interrupted before everything is ready; the failure says what leads on, and that does."""
    machine.fails[program] = 1
    restore = open_restore("alston")
    restore.restore_beside(NEWEST)
    with pytest.raises(OperationError) as failed:
        restore.swap()

    assert failed.value.hint == "moothall restore alston --swap --confirm alston"
    assert "is kept" in failed.value.state
    assert f"stop {APPLICATION}" not in machine.done
    assert machine.cluster(PRIMARY).databases["alston"] == cluster(OLD, NEW).databases["alston"]
    swap(open_restore("alston"))
    is_restored(machine, "alston")


def test_a_cluster_that_is_not_served_gives_way(
    open_restore: Open, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not serve what was restored serves the former cluster again; the mirror follows, all work."""
    restore = open_restore("ledger")
    restore.restore_beside(NEWEST)
    genuine = machine.begin

    def broken(made: object) -> None:
        genuine(made)  # type: ignore[arg-type]
        if machine.cluster(PRIMARY).content == cluster(OLD).content:
            machine.made[PRIMARY].status = "exited"

    monkeypatch.setattr(machine, "begin", broken)
    with pytest.raises(OperationError, match=f"{PRIMARY} ended"):
        restore.swap()

    assert machine.cluster(PRIMARY).content == cluster(OLD, NEW).content
    assert [name.partition("-")[0] for name in machine.made[PRIMARY].data.beside] == ["failed"]
    stand(machine)


@pytest.mark.parametrize(("name", "deed", "number"), steps([*DEEDS]))
def test_the_engine_falls_silent_before_any_step(
    open_restore: Open, machine: Machine, ending: Ending, name: str, deed: str, number: int
) -> None:
    """It is told what is so now and that the engine comes first; then the same comes to the end that it would have."""
    prepare(open_restore, machine, name, deed)
    end = ending(lambda: DEEDS[name, deed][1](open_restore(name, deed)))
    machine.fall(number, silent)
    with pytest.raises(OperationError) as failed:
        DEEDS[name, deed][1](open_restore(name, deed))
    machine.revive()

    assert failed.value.hint.startswith("moothall doctor  # the engine of ")
    assert f"then moothall restore {name} --{deed}" in failed.value.hint
    assert "touched" in failed.value.state or "is kept" in failed.value.state
    DEEDS[name, deed][1](open_restore(name, deed))
    assert look(machine) == end


@pytest.mark.parametrize("deed", ["swap", "undo", "forget"])
@pytest.mark.parametrize("name", ["alston", "ledger"])
def test_an_engine_that_never_answers(open_restore: Open, machine: Machine, name: str, deed: str) -> None:
    """Nothing is done, which is what is told."""
    prepare(open_restore, machine, name, deed)
    machine.fall(0, silent, calls=True)
    with pytest.raises(OperationError, match=r"does not answer|takes writes") as failed:
        DEEDS[name, deed][1](open_restore(name, deed))
    assert machine.done == []
    assert failed.value.hint.startswith("moothall doctor")


@pytest.mark.parametrize("words", [[], ["--swap"], ["--undo"], ["--forget"]])
@pytest.mark.parametrize("name", ["alston", "ledger"])
def test_two_at_the_same_time(
    stood: Path, machine: Machine, capsys: pytest.CaptureFixture[str], name: str, words: list[str]
) -> None:
    """While somebody else works on a stack of it nothing is touched, and it is told who that is."""
    machine.done.clear()
    with lock.hold_all(Backend(stood / ".moothall", state_passphrase), PROJECT, ["dales.ledger.hill"]):
        typed = ["restore", name, *words, "--confirm", name, "--root", str(stood), "--as-of", DAY.isoformat()]
        assert cli.main(typed) == BLOCKED
    assert "Stack dales.ledger.hill is locked by process" in capsys.readouterr().err
    assert machine.done == []
    assert cli.main([*typed[:2], *typed[-4:]]) == 0
