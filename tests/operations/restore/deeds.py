"""What a restore does, step by step, what it needs before, and how what stands is to be afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.fakes.containers import RUNNING
from tests.fakes.dales import NEW, OLD, PRIMARY, STANDBY, cluster
from tests.fakes.falls import Killed, killed
from tests.fakes.machine import Machine

from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.run import Restore

NEWEST = RecoveryTarget(None)
APPLICATION = "dales.alston.hill.ledger-application"
OTHER = "dales.carlin.hill.ledger-application"
JOB, OTHERS_JOB = "dales.alston.hill.ledger-prepare", "dales.carlin.hill.ledger-prepare"
Open = Callable[..., Restore]


def beside(restore: Restore) -> None:
    """Have a copy."""
    restore.restore_beside(NEWEST)


def swap(restore: Restore) -> None:
    """Have a copy, and put it in place."""
    restore.restore_beside(NEWEST)
    restore.swap()


def copy_steps(name: str) -> list[str]:
    """Return what is done for a copy, all of it beside what runs."""
    settings = "pgbackrest.conf, postgresql.conf"
    made = [f"create volume {name}", f"create {name}", f"put {settings} into {name}"]
    return [*made, f"start {name}", f"put order into {name}"]


COPY = "dales.ledger.vale.copy"
COUNCIL_COPY = [*copy_steps(f"{COPY}-alston"), f"ALTER DATABASE in {COPY}-alston"]
SWAP_COUNCIL = [
    *COUNCIL_COPY,
    f"dump in {COPY}-alston",
    *[f"{what} {PRIMARY}" for what in ("put tenant.dump into", "DROP DATABASE in")],
    *[f"{what} in {PRIMARY}" for what in ("COMMENT ON", "fill", "rm")],
    f"stop {APPLICATION}",
    f"RENAME in {PRIMARY}",
    f"start {APPLICATION}",
    f"start {JOB}",
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
    f"start {JOB}",
    f"start {OTHERS_JOB}",
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


def stand(machine: Machine) -> None:
    """Hold that everybody can work, and the mirror follows."""
    assert [machine.made[name].status for name in (APPLICATION, OTHER, PRIMARY, STANDBY)] == [RUNNING] * 4
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
    """Be killed before a step of a deed for which everything is prepared."""
    machine.fall(number, killed)
    with pytest.raises(Killed):
        DEEDS[name, deed][1](open_restore(name, deed))
    assert machine.done == DEEDS[name, deed][0][:number]
    machine.revive()
