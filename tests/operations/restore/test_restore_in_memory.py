"""One restore on a machine in memory: what is done in which order, and what a silent engine or a kill leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.operations.fakes.dales import DAY, NEW, OLD, PRIMARY, STANDBY, cluster
from tests.operations.fakes.machine import RUNNING, Killed, Machine, killed, silent

from moothall import cli
from moothall.deploy.deployment import PROJECT
from moothall.failures import BLOCKED, OperationError
from moothall.model.engines import Endpoint, Engines
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.run import Restore
from moothall.operations.restore.subject import choose
from moothall.operations.secrets import passing_vault, state_passphrase
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.state import lock

NEWEST = RecoveryTarget(None)
APPLICATION = "dales.alston.hill.ledger-application"
OTHER = "dales.carlin.hill.ledger-application"
Open = Callable[..., Restore]


@pytest.fixture
def open_restore(dales: tuple[Path, Plan], context: Context, machine: Machine) -> Open:
    """Return what begins the restore of an instance or a council, as a process of its own."""

    def opened(name: str, deed: str = "swap") -> Restore:
        engines, vault = Engines(Endpoint("unix:///nowhere")), passing_vault(dales[1])
        return Restore(choose(dales[1], name, None), engines, vault, context.progress, again(name, deed))

    def again(name: str, deed: str) -> Callable[..., str]:
        return context._replace(command_words=("restore", name, f"--{deed}")).repeated_command

    return opened


def beside(restore: Restore) -> None:
    """Have a copy."""
    restore.restore_beside(NEWEST)


def swap(restore: Restore) -> None:
    """Have a copy, and put it in place."""
    restore.restore_beside(NEWEST)
    restore.swap()


def copy_steps(name: str) -> list[str]:
    """Return what is done for a copy, all of it beside what runs."""
    settings = "pgbackrest.conf, postgresql.conf, pg_hba.conf"
    made = [f"create volume {name}", f"create {name}", f"put {settings} into {name}"]
    return [*made, f"start {name}", f"put order into {name}"]


COPY = "dales.ledger.vale.copy"
COUNCIL_COPY = [*copy_steps(f"{COPY}-alston"), f"ALTER DATABASE in {COPY}-alston"]
SWAP_COUNCIL = [
    *COUNCIL_COPY,
    f"dump in {COPY}-alston",
    *[f"{what} {PRIMARY}" for what in ("put tenant.dump into", "DROP DATABASE in", "GRANT CREATE in")],
    *[f"{what} in {PRIMARY}" for what in ("COMMENT ON", "fill", "rm")],
    f"stop {APPLICATION}",
    f"RENAME in {PRIMARY}",
    f"start {APPLICATION}",
    "restart dales.alston.vale.ledger-application",
    f"remove {COPY}-alston",
    f"remove volume {COPY}-alston",
]
EXCHANGE = [
    f"stop {APPLICATION}",
    f"stop {OTHER}",
    f"stop {STANDBY}",
    f"stop {PRIMARY}",
    f"put restore-order into {PRIMARY}",
    f"start {PRIMARY}",
    f"ALTER SYSTEM in {PRIMARY}",
    f"put follow-order into {STANDBY}",
    f"start {STANDBY}",
    f"start {APPLICATION}",
    f"start {OTHER}",
    "restart dales.alston.vale.ledger-application",
    "restart dales.carlin.vale.ledger-application",
]
SWAP_INSTANCE = [
    *copy_steps(COPY),
    f"prepare next in {PRIMARY}",
    *EXCHANGE,
    f"remove {COPY}",
    f"remove volume {COPY}",
]
REMOVED_COUNCIL = SWAP_COUNCIL[-2:]
REMOVED = SWAP_INSTANCE[-2:]
UNDO_COUNCIL = SWAP_COUNCIL[SWAP_COUNCIL.index(f"stop {APPLICATION}") : -2]


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


def stand(machine: Machine) -> None:
    """Hold that everybody can work, and the mirror follows."""
    assert [machine.made[name].status for name in (APPLICATION, OTHER, PRIMARY)] == [RUNNING] * 3
    assert machine.cluster(STANDBY).follows


def is_restored(machine: Machine, name: str) -> None:
    """Hold that the restored state is in place, that what was there is kept, and that nothing else is left."""
    stand(machine)
    server, data = machine.cluster(PRIMARY), machine.made[PRIMARY].data
    assert server.content["alston"] == cluster(OLD).content["alston"]
    assert not server.bound
    other = cluster(OLD, NEW) if name == "alston" else cluster(OLD)
    assert server.content["carlin"] == other.content["carlin"]
    assert states(machine, name).count(both(name)[0]) == 1
    assert "alston.restored" not in server.databases
    assert data.files == {}
    no_copy(machine)


def states(machine: Machine, name: str) -> list[object]:
    """Return what is in place of the subject, and then what is kept of it."""
    server = machine.cluster(PRIMARY)
    if name == "ledger":
        return [server.content, *(each.content for each in machine.made[PRIMARY].data.beside.values())]
    former = [each for database, each in server.databases.items() if database.startswith("alston.before-")]
    return [each.content for each in (server.databases["alston"], *former)]


def both(name: str) -> list[object]:
    """Return what was there before the swap, and what was restored."""
    contents = [cluster(OLD, NEW).content, cluster(OLD).content]
    return contents if name == "ledger" else [each["alston"] for each in contents]


def is_forgotten(machine: Machine, name: str) -> None:
    """Hold that nothing is kept but what runs."""
    stand(machine)
    assert machine.made[PRIMARY].data.beside == {}
    assert sorted(machine.cluster(PRIMARY).content) == ["alston", "carlin"]
    assert machine.cluster(PRIMARY).content["alston"] == cluster(OLD).content["alston"]
    no_copy(machine)


def no_copy(machine: Machine) -> None:
    """Hold that no copy is left."""
    assert [name for name in (*machine.made, *machine.volumes) if ".copy" in name] == []


def is_undone(machine: Machine, name: str) -> None:
    """Hold that what was swapped out is in place again, and the restored state is kept."""
    stand(machine)
    assert states(machine, name) == both(name)


def up(machine: Machine) -> None:
    """Start what is stopped, as `up` does."""
    for made in machine.made.values():
        if made.role not in ("prepare", "first-backup") and made.status != RUNNING:
            machine.begin(made)


Deed = Callable[[Restore], object]
Holds = Callable[[Machine, str], None]
FORGET_COUNCIL = [f"DROP DATABASE in {PRIMARY}"]
FORGET_INSTANCE = [f"rm in {PRIMARY}"]
DEEDS: dict[tuple[str, str], tuple[list[str], Deed, Holds]] = {
    ("alston", "swap"): (SWAP_COUNCIL, swap, is_restored),
    ("ledger", "swap"): (SWAP_INSTANCE, swap, is_restored),
    ("alston", "forget"): ([*FORGET_COUNCIL, *REMOVED_COUNCIL], Restore.forget, is_forgotten),
    ("ledger", "forget"): ([*FORGET_INSTANCE, *REMOVED], Restore.forget, is_forgotten),
    ("alston", "undo"): (UNDO_COUNCIL, Restore.undo, is_undone),
    ("ledger", "undo"): (EXCHANGE, Restore.undo, is_undone),
}
IDEMPOTENT = [deed for deed in DEEDS if deed[1] != "undo"]


def prepare(open_restore: Open, machine: Machine, name: str, deed: str) -> None:
    """Have what a deed needs: something that was swapped out, and to be forgotten a copy, too."""
    if deed != "swap":
        swap(open_restore(name))
    if deed == "forget":
        beside(open_restore(name))
    machine.done.clear()


def steps(deeds: list[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Return every step of these deeds by its number."""
    return [(*deed, number) for deed in deeds for number in range(len(DEEDS[deed][0]))]


def kill(machine: Machine, open_restore: Open, name: str, deed: str, number: int) -> None:
    """Do what a deed needs, and be killed before a step of it."""
    prepare(open_restore, machine, name, deed)
    machine.fall(number, killed)
    with pytest.raises(Killed):
        DEEDS[name, deed][1](open_restore(name, deed))
    assert machine.done == DEEDS[name, deed][0][:number]
    machine.revive()


@pytest.mark.parametrize(("name", "deed", "number"), steps(IDEMPOTENT))
def test_killed_before_any_step(open_restore: Open, machine: Machine, name: str, deed: str, number: int) -> None:
    """Whoever is killed at any step gives the same command again: it comes to the same end, nothing is lost."""
    kill(machine, open_restore, name, deed, number)
    DEEDS[name, deed][1](open_restore(name, deed))
    DEEDS[name, deed][2](machine, name)


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, _, number in steps([*DEEDS][-2:])])
def test_killed_before_any_step_of_undoing(open_restore: Open, machine: Machine, name: str, number: int) -> None:
    """Both states are there once each whenever it is killed; before they changed places the same command does it."""
    kill(machine, open_restore, name, "undo", number)
    up(machine)
    assert sorted(map(str, states(machine, name))) == sorted(map(str, both(name)))
    stand(machine)
    if states(machine, name) != both(name):
        open_restore(name).undo()
    is_undone(machine, name)


@pytest.mark.parametrize(("name", "deed", "number"), steps([*DEEDS]))
def test_the_engine_falls_silent_before_any_step(
    open_restore: Open, machine: Machine, name: str, deed: str, number: int
) -> None:
    """It is told what is so now and that the engine comes first; then everything is there, and the same goes on."""
    prepare(open_restore, machine, name, deed)
    machine.fall(number, silent)
    with pytest.raises(OperationError) as failed:
        DEEDS[name, deed][1](open_restore(name, deed))
    machine.revive()

    assert failed.value.hint.startswith("moothall doctor  # the engine of ")
    assert f"then moothall restore {name} --{deed}" in failed.value.hint
    assert "touched" in failed.value.state or "is kept" in failed.value.state
    if deed == "undo":
        assert sorted(map(str, states(machine, name))) == sorted(map(str, both(name)))
        return
    DEEDS[name, deed][1](open_restore(name, deed))
    DEEDS[name, deed][2](machine, name)


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
