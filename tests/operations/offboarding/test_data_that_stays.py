"""What keeps a leaver's data where it is: it is refused with the reason, and nothing is removed."""

from __future__ import annotations

import pytest
from tests.fakes.dales import DAY, NEW, PRIMARY
from tests.operations.offboarding.desk import Desk

from moothall.failures import BLOCKED, REFUSED, OperationError


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
