"""A council that leaves, on a machine in memory: frozen, handed over, removed, and what silence or a kill leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.operations.fakes.dales import DAY, GONE, NEW, OLD, PRIMARY, cluster
from tests.operations.fakes.machine import EXITED, Engine, Killed, Machine, killed, silent

from moothall.docker_engine.stale import remove_stale
from moothall.failures import BLOCKED, REFUSED, Inconclusive, OperationError
from moothall.model.outcome import PASSED, CheckResult
from moothall.operations.context import Context
from moothall.operations.offboarding import manifest
from moothall.operations.offboarding.handover import export_and_prove, freeze_or_thaw
from moothall.operations.offboarding.leaver import find, leaver
from moothall.operations.offboarding.proof import is_proved
from moothall.operations.offboarding.purge import remove_data
from moothall.validation.validate import validate

CARLIN = cluster(OLD, NEW).databases["carlin"]
Results = list[CheckResult]


class Desk:
    """Somebody who carries carlin out; each step is a process of its own."""

    def __init__(self, context: Context, machine: Machine, folder: Path) -> None:
        self.context = context
        self.machine = machine
        self.target = folder / "export"
        self.day = DAY

    def freeze(self, *, frozen: bool = True, yes: bool = True) -> Results:
        """Freeze or thaw."""
        context, who, _ = self._who()
        return freeze_or_thaw(context, who, freeze=frozen, yes=yes)

    def thaw(self) -> Results:
        """Thaw."""
        return self.freeze(frozen=False)

    def export(self) -> Results:
        """Export, with the proof."""
        return export_and_prove(*self._who(), self.target)

    def remove(self, confirmed: str | None = "carlin", council: str = "carlin") -> Results:
        """Remove."""
        context, who, _ = self._who(council)
        return remove_data(context, who, self.target, confirmed)

    def _who(self, council: str = "carlin"):  # type: ignore[no-untyped-def]
        context = self.context._replace(as_of=self.day)
        loaded = validate(context.root, self.day)
        return context, leaver(context, *find(context, council, loaded.definitions.folders)), loaded


@pytest.fixture
def desk(context: Context, machine: Machine, stood: Path, tmp_path: Path) -> Desk:
    """Somebody to whose commands the machine answers."""
    return Desk(context, machine, tmp_path)


@pytest.fixture
def left(desk: Desk) -> Desk:
    """The same, when carlin has left with a proved export."""
    desk.freeze()
    desk.export()
    desk.day = GONE
    desk.machine.done.clear()
    return desk


def is_frozen(desk: Desk) -> None:
    """Hold that nobody is in, and nobody but carlin is kept out; nothing is lost."""
    databases = desk.machine.cluster(PRIMARY).databases
    assert (databases["carlin"].limit, databases["carlin"].guests) == (0, 0)
    assert (databases["alston"].limit, databases["alston"].guests) == (-1, 2)
    assert desk.machine.cluster(PRIMARY).content == cluster(OLD, NEW).content


def is_thawed(desk: Desk) -> None:
    """Hold that carlin is let in."""
    assert desk.machine.cluster(PRIMARY).databases["carlin"].limit == -1


def is_exported(desk: Desk) -> None:
    """Hold that one whole export is there with its proof, and that what a kill has left goes with the next probes."""
    assert sorted(path.name for path in desk.target.parent.iterdir()) == ["export", "root"]
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


FREEZE = [f"ALTER DATABASE in {PRIMARY}", f"END SESSIONS in {PRIMARY}"]
SCRATCH = "nameless-1"
EXPORT = [
    f"create {SCRATCH}",
    f"start {SCRATCH}",
    f"put carlin.dump into {SCRATCH}",
    *[f"{what} in {SCRATCH}" for what in ("CREATE ROLE", "DROP DATABASE", "fill", "rm", "COMMENT ON")],
    f"remove {SCRATCH}",
]
REMOVE = [f"DROP DATABASE in {PRIMARY}", f"DROP ROLE in {PRIMARY}"]
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


@pytest.mark.parametrize("program", ["pg_restore", "psql"])
def test_a_proof_that_fails_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """The export stands without a proof, with the reason; the throw-away server is gone. The next one is proved."""
    genuine = desk.machine.begin

    def spoilt(made: object) -> None:
        genuine(made)  # type: ignore[arg-type]
        desk.machine.fails[program] = 3

    monkeypatch.setattr(desk.machine, "begin", spoilt)
    failed = desk.export()[-1]
    assert (failed.id, failed.status) == ("restore.carlin.ledger", "failed")
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


def early(desk: Desk) -> None:
    """It is a member yet."""
    desk.day = DAY


def written(desk: Desk) -> None:
    """Something was written after the export."""
    desk.machine.cluster(PRIMARY).databases["carlin"].tables["party_party"].append(NEW)


def unproved(desk: Desk) -> None:
    """There is no proof."""
    (desk.target / "proof.json").unlink()


def spoilt(desk: Desk) -> None:
    """A file of the export was changed."""
    (desk.target / "ledger/database.dump").write_bytes(b"")


def emptied(desk: Desk) -> None:
    """The export lacks a file."""
    (desk.target / "ledger/attachments/7-letter.txt").unlink()


REFUSALS = {
    "kept": (early, "is kept until 2009-01-01"),
    "written": (written, "has changed since it was exported: party_party has 3 rows and not 2"),
    "unproved": (unproved, "has no proof that it can be restored"),
    "spoilt": (spoilt, "is not as it was exported: ledger/database.dump was changed"),
    "emptied": (emptied, "7-letter.txt is missing"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_data_that_may_not_go(left: Desk, case: str) -> None:
    """It is refused with the reason, and nothing is removed."""
    spoil, reason = REFUSALS[case]
    spoil(left)
    before = left.machine.cluster(PRIMARY).content
    with pytest.raises(OperationError, match=reason) as failed:
        left.remove()
    assert (failed.value.exit_code, failed.value.state) == (REFUSED, "No data of carlin was removed.")
    assert failed.value.hint.startswith("moothall ")
    assert left.machine.done == []
    assert left.machine.cluster(PRIMARY).content == before


def test_data_of_somebody_who_stays(left: Desk) -> None:
    """A council without a day of leaving keeps its data, whatever export is shown."""
    with pytest.raises(OperationError, match="alston does not leave"):
        left.remove("alston", "alston")
    assert left.machine.done == []


@pytest.mark.parametrize("word", [None, "carlyn", "yes"])
def test_removing_that_is_not_confirmed_by_name(left: Desk, word: str | None) -> None:
    """Any other word than the council's name removes nothing."""
    with pytest.raises(OperationError, match="removing was not confirmed") as failed:
        left.remove(word)
    assert failed.value.exit_code == BLOCKED
    assert left.machine.done == []


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


def calls_of(desk: Desk, deed: str) -> int:
    """Return how many calls a deed makes."""
    desk.machine.calls = 0
    DEEDS[deed][2](desk)
    return desk.machine.calls


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


def test_the_engine_falls_silent_at_any_call_of_an_export(desk: Desk) -> None:
    """No export is called proved that is not; an earlier one stays whole until the next is; the next one is proved."""
    total = calls_of(desk, "export")
    assert total > len(EXPORT)
    for number in range(total):
        desk.machine.fall(number, silent, calls=True)
        try:
            found = desk.export()
            assert found[-1].status != PASSED, number
            assert not is_proved(desk.target), number
        except OperationError as failed:
            assert (failed.state != "", failed.hint) == (True, "do the same again")
        desk.machine.revive()
        assert manifest.find_deviations(desk.target, manifest.read(desk.target)) == [], number
    desk.export()
    is_exported(desk)


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
