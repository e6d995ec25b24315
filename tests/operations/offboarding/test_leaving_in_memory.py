"""A council that leaves, on a machine in memory: frozen, handed over, removed, and what silence or a kill leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from tests.fakes.containers import EXITED
from tests.fakes.dales import DAY, GONE, NEW, OLD, PRIMARY, cluster
from tests.fakes.engine import Engine
from tests.fakes.falls import Killed, killed, silent
from tests.operations.offboarding.desk import Desk, Results

from moothall.docker_engine.stale import remove_stale
from moothall.failures import BLOCKED, Inconclusive, OperationError
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED
from moothall.operations.offboarding import manifest
from moothall.operations.offboarding.proof import is_proved

CARLIN = cluster(OLD, NEW).databases["carlin"]


def is_frozen(desk: Desk) -> None:
    """Hold that nobody is in, and nobody but carlin is kept out; nothing is lost."""
    found = desk.machine.cluster(PRIMARY)
    assert found.frozen == {"carlin"}
    assert (found.databases["carlin"].guests, found.databases["alston"].guests) == (0, 2)
    assert desk.machine.cluster(PRIMARY).content == cluster(OLD, NEW).content


def is_thawed(desk: Desk) -> None:
    """Hold that carlin is let in."""
    assert desk.machine.cluster(PRIMARY).frozen == set()


def is_exported(desk: Desk) -> None:
    """Hold that one whole export is there with its proof, and that what a kill has left goes with the next probes."""
    assert sorted(path.name for path in desk.target.parent.iterdir()) == ["export", "root", "state"]
    found = manifest.read(desk.target)
    assert manifest.find_deviations(desk.target, found) == []
    assert (desk.target / "ledger/database.dump").read_bytes() == CARLIN.dumped()
    assert (desk.target / "ledger/attachments/7-letter.txt").read_text() == "letter of carlin"
    assert is_proved(desk.target)
    assert desk.machine.cluster(PRIMARY).content == cluster(OLD, NEW).content
    remove_stale(Engine(desk.machine), "dales")
    assert [name for name in desk.machine.made if name.startswith("nameless")] == []


def is_removed(desk: Desk) -> None:
    """Hold that database and role are gone, and nobody else's."""
    found = desk.machine.cluster(PRIMARY)
    assert (sorted(found.content), sorted(found.roles)) == (["alston"], ["alston"])
    assert found.databases["alston"] == cluster(OLD, NEW).databases["alston"]


FREEZE = [f"set_frozen in {PRIMARY}", f"END SESSIONS in {PRIMARY}", f"END SESSIONS in {PRIMARY}"]
SCRATCH = "nameless-1"
EXPORT = [
    f"create {SCRATCH}",
    f"start {SCRATCH}",
    f"put carlin.dump into {SCRATCH}",
    *[f"{what} in {SCRATCH}" for what in ("have_tenant", "DROP DATABASE", "fill", "rm", "COMMENT ON")],
    f"remove {SCRATCH}",
]
REMOVE = [f"DROP DATABASE in {PRIMARY}", f"drop_tenant in {PRIMARY}"]
Deed = Callable[[Desk], Results]
Holds = Callable[[Desk], None]
DEEDS: dict[str, tuple[date, list[str], Deed, Holds]] = {
    "freeze": (DAY, FREEZE, Desk.freeze, is_frozen),
    "thaw": (DAY, FREEZE[:1], Desk.thaw, is_thawed),
    "export": (DAY, EXPORT, Desk.export, is_exported),
    "remove": (GONE, REMOVE, Desk.remove, is_removed),
}
STEPS = [(deed, number) for deed, (_, steps, *_) in DEEDS.items() for number in range(len(steps))]


def prepare(desk: Desk, deed: str) -> None:
    """Have what a deed needs."""
    if deed == "thaw":
        desk.freeze()
    elif deed == "remove":
        desk.export()
    desk.day = DEEDS[deed][0]
    desk.machine.done.clear()


def test_frozen_and_thawed(desk: Desk) -> None:
    """Whoever is in is put out, which is told; freezing twice is as good, and thawing lets everybody in again."""
    [found] = desk.freeze()
    assert desk.machine.done == FREEZE
    assert (found.id, found.status) == ("frozen.carlin.ledger", PASSED)
    assert found.detail == "nobody is let in; 2 connections were ended"
    is_frozen(desk)
    assert desk.freeze()[0].detail == "nobody is let in; 0 connections were ended"

    desk.machine.done.clear()
    [found] = desk.thaw()
    assert (desk.machine.done, found.id) == (FREEZE[:1], "thawed.carlin.ledger")
    is_thawed(desk)


def test_freezing_that_nobody_agrees_to(desk: Desk) -> None:
    """Nothing is touched, and it is told how it is agreed to."""
    with pytest.raises(OperationError, match="nobody agreed to freezing") as failed:
        desk.freeze(yes=False)
    assert (failed.value.exit_code, failed.value.hint) == (BLOCKED, "moothall decommission carlin --freeze --yes")
    assert desk.machine.done == []


def test_handed_over(desk: Desk) -> None:
    """The data is taken in one piece, and a server of its own proves it; the instance's server is only read."""
    desk.freeze()
    desk.machine.done.clear()
    found = desk.export()

    assert desk.machine.done == EXPORT
    names = ["export.carlin", "checksums.carlin", *(f"{w}.carlin.ledger" for w in ("restore", "tables", "attachments"))]
    assert [(each.id, each.status) for each in found] == [(name, PASSED) for name in names]
    told = manifest.read(desk.target)
    assert told["council"]["name"] == "carlin"
    assert (told["tenants"]["ledger"]["frozen"], told["tenants"]["ledger"]["tables"]["party_party"]["rows"]) == (
        True,
        2,
    )
    is_exported(desk)


def test_an_export_takes_the_place_of_an_earlier_one_alone(desk: Desk) -> None:
    """The same council's goes; anything else in the folder is kept, and nothing is asked of the server."""
    desk.export()
    desk.export()
    is_exported(desk)
    (desk.target / "manifest.json").write_text("{}")
    desk.machine.done.clear()
    with pytest.raises(OperationError, match="is no export") as failed:
        desk.export()
    assert failed.value.state == "Nothing was touched."
    assert desk.machine.done == []
    assert (desk.target / "ledger/database.dump").exists()


@pytest.mark.parametrize(("program", "status"), [("pg_restore", FAILED), ("psql", COULD_NOT_RUN)])
def test_a_proof_that_fails_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch, program: str, status: str) -> None:
    """The export stands without a proof, with the reason; the throw-away server is gone. The next one is proved.

    A server that cannot be prepared says nothing about the dump.
    """
    genuine = desk.machine.begin

    def spoilt(made: object) -> None:
        genuine(made)  # type: ignore[arg-type]
        desk.machine.fails[program] = 3

    monkeypatch.setattr(desk.machine, "begin", spoilt)
    failed = desk.export()[-1]
    assert (failed.id, failed.status) == ("restore.carlin.ledger", status)
    assert "failed" in failed.detail
    assert not is_proved(desk.target)
    assert SCRATCH not in desk.machine.made

    monkeypatch.setattr(desk.machine, "begin", genuine)
    desk.machine.fails.clear()
    desk.export()
    is_exported(desk)


def test_removed(left: Desk) -> None:
    """Database and role go; done again, it says that they were gone."""
    [found] = left.remove()
    assert left.machine.done == REMOVE
    assert (found.id, found.status) == ("removed.carlin.ledger", PASSED)
    assert found.detail == "backups hold it until they expire"
    is_removed(left)
    assert left.remove()[0].detail == "it was gone already"


def test_former_states_go_too(left: Desk) -> None:
    """What a restore has set aside, or left half done, is the council's data as well, and its role owns it."""
    databases = left.machine.cluster(PRIMARY).databases
    for name in ("carlin.before-20080501t101112", "carlin.restored"):
        databases[name] = replace(databases["carlin"])
    left.remove()
    is_removed(left)
    assert left.machine.done == [*[REMOVE[0]] * 3, REMOVE[1]]


@pytest.mark.parametrize(("deed", "number"), STEPS)
def test_killed_before_any_step(desk: Desk, deed: str, number: int) -> None:
    """Whoever is killed at any step gives the same command again: it comes to the same end, nothing is lost."""
    _, steps, do, holds = DEEDS[deed]
    prepare(desk, deed)
    desk.machine.fall(number, killed)
    with pytest.raises(Killed):
        do(desk)
    assert desk.machine.done == [step.replace(SCRATCH, scratch(desk)) for step in steps[:number]]
    desk.machine.revive()
    assert all(each.status == PASSED for each in do(desk))
    holds(desk)


def scratch(desk: Desk) -> str:
    """Return the name of the throw-away server."""
    return next((name for name in desk.machine.made if name.startswith("nameless")), SCRATCH)


@pytest.mark.parametrize("deed", ["freeze", "thaw", "remove"])
def test_the_engine_falls_silent_at_any_call(desk: Desk, deed: str) -> None:
    """It is told with what is so now and what leads on; then the same command comes to the end."""
    _, steps, do, holds = DEEDS[deed]
    prepare(desk, deed)
    silences = 0
    while failed := silenced(desk, do, silences):
        assert failed.state
        assert failed.hint.startswith("moothall decommission carlin --")
        silences += 1
    assert silences > len(steps)
    holds(desk)


def silenced(desk: Desk, do: Deed, number: int) -> OperationError | None:
    """Do it on an engine that falls silent at a call; return how it failed, None when it did not."""
    desk.machine.fall(number, silent, calls=True)
    try:
        do(desk)
    except OperationError as failed:
        return failed
    finally:
        desk.machine.revive()
    return None


def test_an_export_that_could_not_be_proved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands there whole, and that is said: it is the proof that is missing."""

    def fail(*_: object) -> None:
        raise Inconclusive("no scratch server can be made")

    monkeypatch.setattr("moothall.operations.offboarding.proof.prove", fail)
    with pytest.raises(OperationError, match="no scratch server") as failed:
        desk.export()
    assert failed.value.state == f"{desk.target} is whole, and not proved."
    assert manifest.find_deviations(desk.target, manifest.read(desk.target)) == []


def test_no_server_takes_writes(desk: Desk) -> None:
    """Nothing is frozen or exported where it is not known which server has the data, and which that are is told."""
    desk.machine.made[PRIMARY].status = EXITED
    for do in (desk.freeze, desk.export):
        desk.machine.done.clear()
        with pytest.raises(OperationError, match="No server of ledger takes writes"):
            do()
        assert desk.machine.done == []
    assert not desk.target.exists()
