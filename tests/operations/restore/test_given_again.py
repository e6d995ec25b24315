"""A command that was killed, or that an engine has left alone, is given again: it ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.containers import EXITED, RUNNING
from tests.fakes.containers import Container as Made
from tests.fakes.dales import DAY, NEW, OLD, PRIMARY, STANDBY, cluster
from tests.fakes.falls import Killed, killed
from tests.fakes.machine import Machine
from tests.operations.restore.deeds import (
    DEEDS,
    EXCHANGE,
    SWAP_COUNCIL,
    SWAP_INSTANCE,
    UNDO_COUNCIL,
    Open,
    both,
    is_undone,
    kill,
    prepare,
    stand,
    states,
    steps,
    swap,
    up,
)
from tests.operations.restore.moments import Ending, Moment, files_below, look

from moothall import cli
from moothall.failures import OperationError
from moothall.operations.context import Context
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.run import Restore

EARLIER = RecoveryTarget(datetime(2008, 5, 1, tzinfo=UTC))
EXCHANGING = {"alston": f"RENAME in {PRIMARY}", "ledger": f"start {PRIMARY}"}
"""The step by which the two states of a subject change places."""


@pytest.mark.parametrize("between", [lambda machine: None, up], ids=["", "up"])
@pytest.mark.parametrize(("name", "deed", "number"), steps([*DEEDS]))
def test_killed_before_any_step(
    open_restore: Open,
    machine: Machine,
    ending: Ending,
    name: str,
    deed: str,
    number: int,
    between: Callable[[Machine], None],
) -> None:
    """Killed at any step and given again it comes to the same end, also where `up` starts everything in between."""
    prepare(open_restore, machine, name, deed)
    _, act, holds = DEEDS[name, deed]
    end = ending(lambda: act(open_restore(name, deed)))

    kill(machine, open_restore, name, deed, number)
    between(machine)
    act(open_restore(name, deed))

    assert look(machine) == end
    holds(machine, name)


@pytest.mark.parametrize(("name", "deed", "number"), steps([*DEEDS]))
def test_killed_twice(
    open_restore: Open, machine: Machine, context: Context, ending: Ending, name: str, deed: str, number: int
) -> None:
    """Who is killed while going on goes on at the third time, wherever that was."""
    prepare(open_restore, machine, name, deed)
    act = DEEDS[name, deed][1]
    end = ending(lambda: act(open_restore(name, deed)))
    kill(machine, open_restore, name, deed, number)
    moment = Moment(machine, context.state)

    for second in range(100):
        moment.resume()
        machine.fall(second, killed)
        try:
            act(open_restore(name, deed))
        except Killed:
            machine.revive()
            act(open_restore(name, deed))
            assert look(machine) == end, f"killed before step {second} of going on"
        else:
            break
    else:
        raise AssertionError("it never ends")
    assert second


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, _, number in steps([*DEEDS][-2:])])
def test_a_deliberate_undoing_afterwards(open_restore: Open, machine: Machine, name: str, number: int) -> None:
    """Once the undoing has ended, whoever undoes once more gets the restored state again."""
    prepare(open_restore, machine, name, "undo")
    kill(machine, open_restore, name, "undo", number)
    open_restore(name, "undo").undo()
    assert states(machine, name) == both(name)

    open_restore(name, "undo").undo()
    assert states(machine, name) == both(name)[::-1]
    stand(machine)


@pytest.mark.parametrize(
    ("name", "deed", "number"),
    [
        (*deed, number)
        for deed in (("alston", "swap"), ("ledger", "swap"))
        for number in range(DEEDS[deed][0].index(EXCHANGING[deed[0]]) + 1, len(DEEDS[deed][0]) - 2)
    ],
)
def test_another_command_afterwards(open_restore: Open, machine: Machine, name: str, deed: str, number: int) -> None:
    """A swap that was killed when it had exchanged is undone; its standby, too, follows what is put back."""
    prepare(open_restore, machine, name, deed)
    kill(machine, open_restore, name, deed, number)
    open_restore(name, "undo").undo()
    is_undone(machine, name)
    assert machine.cluster(STANDBY).content == machine.cluster(PRIMARY).content or name == "alston"


@pytest.mark.parametrize("name", ["alston", "ledger"])
def test_another_moment_afterwards(open_restore: Open, machine: Machine, name: str) -> None:
    """Whoever restores to another moment than the swap that was killed gets that one, and both former states stay."""
    kill(machine, open_restore, name, "swap", DEEDS[name, "swap"][0].index(EXCHANGING[name]) + 1)
    restore = open_restore(name)
    restore.restore_beside(EARLIER)
    restore.swap()
    assert states(machine, name) == [both(name)[1], *both(name)]
    stand(machine)


@pytest.mark.parametrize("name", ["alston", "ledger"])
def test_long_afterwards(
    open_restore: Open, machine: Machine, monkeypatch: pytest.MonkeyPatch, context: Context, name: str
) -> None:
    """Whoever restores days later, when `up` has mended what the kill had left, does not get the state of then."""
    kill(machine, open_restore, name, "swap", DEEDS[name, "swap"][0].index(EXCHANGING[name]) + 1)
    up(machine)
    monkeypatch.setattr("moothall.operations.restore.run._GOES_ON", timedelta(0))
    swap(open_restore(name))
    assert states(machine, name) == [both(name)[1], *both(name)]
    stand(machine)
    assert files_below(context.state) == []


@pytest.mark.parametrize("number", range(len(SWAP_INSTANCE) - 3))
def test_a_cluster_that_is_not_served(
    open_restore: Open, machine: Machine, context: Context, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Killed before or while the former cluster is put back it fails again, and everybody has that one in the end."""
    genuine = machine.begin

    def begin(made: Made) -> None:
        genuine(made)
        if machine.cluster(PRIMARY).content == cluster(OLD).content:
            machine.made[PRIMARY].status = EXITED

    monkeypatch.setattr(machine, "begin", begin)
    machine.fall(number, killed)
    with pytest.raises(Killed):
        swap(open_restore("ledger"))
    machine.revive()
    with pytest.raises(OperationError, match=rf"{PRIMARY} ended|is not on {PRIMARY}"):
        swap(open_restore("ledger"))

    assert machine.cluster(PRIMARY) == cluster(OLD, NEW)
    assert {folder.partition("-")[0] for folder in machine.made[PRIMARY].data.beside} == {"failed"}
    assert machine.cluster(STANDBY).content == cluster(OLD, NEW).content
    stand(machine)
    assert files_below(context.state) == [], "the next swap is one of its own"


@pytest.mark.parametrize(("name", "deed", "number"), steps([("alston", "swap"), ("alston", "undo")]))
def test_a_database_that_was_lost(
    open_restore: Open, machine: Machine, ending: Ending, name: str, deed: str, number: int
) -> None:
    """Where there is no live database to be kept, nothing is kept either when the command was killed."""
    prepare(open_restore, machine, name, deed)
    del machine.cluster(PRIMARY).databases["alston"]
    end = ending(lambda: DEEDS[name, deed][1](open_restore(name, deed)))

    kill(machine, open_restore, name, deed, number)
    DEEDS[name, deed][1](open_restore(name, deed))

    assert look(machine) == end
    assert open_restore("alston").former_states() == ()


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("number", range(len(SWAP_INSTANCE)))
def test_a_cluster_that_was_lost(open_restore: Open, machine: Machine, ending: Ending, number: int) -> None:
    """A server without a cluster is given one, once, whenever the swap was killed."""
    machine.made[PRIMARY].data.cluster = None
    end = ending(lambda: swap(open_restore("ledger")))

    kill(machine, open_restore, "ledger", "swap", number)
    swap(open_restore("ledger"))

    assert look(machine) == end


def test_a_standby_that_is_lost_is_done_without(open_restore: Open, machine: Machine) -> None:
    """A standby that the killed run has stopped, and that is there no more, holds nobody up."""
    kill(machine, open_restore, "ledger", "swap", SWAP_INSTANCE.index(f"start {PRIMARY}"))
    del machine.made[STANDBY]
    swap(open_restore("ledger"))
    assert states(machine, "ledger") == both("ledger")[::-1]
    assert machine.made[PRIMARY].status == RUNNING


@pytest.mark.parametrize("deed", [swap, Restore.undo], ids=["swap", "undo"])
def test_a_standby_that_copies_what_is_replaced_copies_what_replaces_it(
    open_restore: Open, machine: Machine, deed: Callable[[Restore], object]
) -> None:
    """Whoever undoes a swap at once does so while the standby still makes itself a copy, of what was swapped in."""
    prepare(open_restore, machine, "ledger", "undo" if deed is Restore.undo else "swap")
    volume = machine.made[STANDBY].data
    volume.cluster, volume.files["follow-order"] = None, b""
    deed(open_restore("ledger"))
    assert machine.cluster(STANDBY).content == machine.cluster(PRIMARY).content
    stand(machine)


def test_a_standby_that_is_fenced_stays_so(open_restore: Open, machine: Machine) -> None:
    """It has been replaced, and somebody has to look at it."""
    volume = machine.made[STANDBY].data
    volume.cluster, volume.files = None, {"fenced": b"", "new": b""}
    swap(open_restore("ledger"))
    assert volume.cluster is None
    assert f"stop {STANDBY}" not in machine.done


def test_a_standby_that_somebody_stopped_stays_so(open_restore: Open, machine: Machine) -> None:
    """What no exchange has stopped none starts: its cluster may be looked at first."""
    machine.made[STANDBY].status = EXITED
    swap(open_restore("ledger"))
    assert machine.made[STANDBY].status == EXITED


def test_what_was_to_be_put_back_is_gone(open_restore: Open, machine: Machine, context: Context) -> None:
    """Where somebody has removed it meanwhile this is told, the server serves, and nothing is recorded any more."""
    prepare(open_restore, machine, "ledger", "undo")
    kill(machine, open_restore, "ledger", "undo", EXCHANGE.index(f"put restore-order into {PRIMARY}"))
    machine.made[PRIMARY].data.beside.clear()
    with pytest.raises(OperationError, match="is not on"):
        open_restore("ledger", "undo").undo()

    assert machine.cluster(PRIMARY) == cluster(OLD)
    stand(machine)
    assert files_below(context.state) == []
    with pytest.raises(OperationError, match="no former state"):
        open_restore("ledger", "undo").undo()


def test_who_forgets_begins_anew(open_restore: Open, machine: Machine, context: Context) -> None:
    """Whoever is content with what a killed swap has left, and forgets the rest, swaps anew afterwards."""
    kill(machine, open_restore, "alston", "swap", SWAP_COUNCIL.index(EXCHANGING["alston"]) + 1)
    open_restore("alston", "forget").forget()
    assert files_below(context.state) == []
    swap(open_restore("alston"))
    assert states(machine, "alston") == [both("alston")[1]] * 2


def test_a_record_that_is_damaged(open_restore: Open, machine: Machine, context: Context) -> None:
    """It is refused with the way on, and nothing is touched; without it the command begins anew."""
    prepare(open_restore, machine, "alston", "undo")
    kill(machine, open_restore, "alston", "undo", 0)
    [record] = files_below(context.state)
    record.write_text("{")
    machine.done.clear()
    with pytest.raises(OperationError, match="cannot be read") as refused:
        open_restore("alston", "undo").undo()
    assert machine.done == []
    assert refused.value.hint.startswith(f"mv {record} ")

    record.unlink()
    open_restore("alston", "undo").undo()
    is_undone(machine, "alston")


def test_what_cannot_be_recorded_is_not_done(open_restore: Open, machine: Machine, context: Context) -> None:
    """Where no record can be written nothing is stopped."""
    prepare(open_restore, machine, "ledger", "undo")
    context.state.joinpath("restores").rmdir()
    context.state.joinpath("restores").write_text("somebody's file")
    with pytest.raises(OperationError, match="cannot be recorded"):
        open_restore("ledger", "undo").undo()
    assert machine.done == []


@pytest.mark.parametrize(
    ("name", "number"), [("alston", UNDO_COUNCIL.index(EXCHANGING["alston"]) + 1), *(("ledger", n) for n in (4, 5, 6))]
)
def test_the_command_itself(
    stood: Path, machine: Machine, capsys: pytest.CaptureFixture[str], name: str, number: int
) -> None:
    """Typed again after a kill, `restore --undo` ends as it would have, also where the server stands still."""
    typed = ["--confirm", name, "--root", str(stood), "--as-of", DAY.isoformat()]
    assert cli.main(["restore", name, "--swap", *typed]) == 0
    machine.fall(number, killed)
    with pytest.raises(Killed):
        cli.main(["restore", name, "--undo", *typed])
    machine.revive()

    assert cli.main(["restore", name, "--undo", *typed]) == 0, capsys.readouterr().err
    is_undone(machine, name)
