"""What a cut-over says of itself: every total compared, to the penny, in the order of the extract."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cutover import smartstream

from moothall.cutover import order
from moothall.cutover.extract import Extract, read
from moothall.cutover.totals import Totals, compare, expected_totals
from moothall.failures import OperationError
from moothall.model.outcome import Report
from moothall.operations import evidence
from moothall.report.cutover.view import Subject, undo_view, view
from moothall.report.renderers import render
from moothall.report.style import Style

PLAIN = Style(False)
SUBJECT = Subject("durham", "erp", "Geac SmartStream", date(2008, 1, 1), date(2008, 1, 1), order.IMPORT, "abc")


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    """A sound extract."""
    folder = smartstream.write(tmp_path_factory.mktemp("extract") / "sound", journals=3, lines=3)
    return read("sound", {file.name: file.read_bytes() for file in folder.iterdir()}).extract


def outcome(state: str, totals: Totals) -> order.Outcome:
    """Return what the job might have answered."""
    return order.Outcome(state, totals, 3, 9, {"copy": 0.5, "import": 1.5}, {}, "2008-01-01T06:00:00.123456")


def shown(extract: Extract, state: str, totals: Totals) -> dict:
    """Return the view of an import that left these totals in the tenant."""
    return view(SUBJECT, outcome(state, totals), compare(extract, totals))


def test_all_right(extract: Extract) -> None:
    """Every total is a result that passed, and nothing differs."""
    found = shown(extract, "imported", expected_totals(extract))

    assert (found["summary"]["passed"], found["summary"]["failed"], found["differences"]) == (9, 0, [])
    assert render(Report("cutover", found), "text", PLAIN) == (
        "durham erp  imported: every total is right to the penny\n"
        "  Geac SmartStream: debit 175879.06, credit 175879.06\n"
        "  tenant: debit 175879.06, credit 175879.06, 3 journals, 9 lines\n"
        "  9 totals right, 0 different\n"
        "  copy 0.5 s, import 1.5 s\n"
    )


def test_each_difference_is_named(extract: Extract) -> None:
    """A penny too much, a total that is missing, and one that the old system does not know."""
    totals = dict(expected_totals(extract))
    debit, credit = totals["2007-03", "10100"]
    totals["2007-03", "10100"] = (debit + Decimal("0.01"), credit)
    del totals["2007-05", "50400"]
    totals["2007-12", "30100"] = (Decimal("0.00"), Decimal("7.00"))

    found = shown(extract, "differs", totals)

    assert [(each["period"], each["account"]) for each in found["differences"]] == [
        ("2007-03", "10100"),
        ("2007-05", "50400"),
        ("2007-12", "30100"),
    ]
    text = render(Report("cutover", found), "text", PLAIN)
    assert "2007-03  10100 Bank, general fund\n    debit 30601.49 instead of 30601.48: 0.01 apart\n" in text
    assert "debit 0.00 instead of 1544.60: -1544.60 apart" in text
    page = render(Report("cutover", found), "markdown", PLAIN)
    assert "| 2007-12 | 30100 General fund balance | credit | 0.00 | 7.00 | 7.00 |" in page
    suite = ET.fromstring(render(Report("cutover", found), "junit", PLAIN))
    assert (suite.get("tests"), suite.get("failures")) == ("10", "3")


def test_what_an_undoing_takes_with_it() -> None:
    """Records made since are counted, in the text and on the page."""
    seen = outcome("looked", {})._replace(lost_records={"party.party": 2})
    answer = Report("cutover", undo_view("durham", "erp", seen))

    assert render(answer, "text", PLAIN) == (
        "durham erp  undoing puts the tenant back as it was before the import of 2008-01-01T06:00:00\n"
        "  lost with it: 2 records of party.party, made or changed since\n"
    )
    assert "| party.party | 2 |" in render(answer, "markdown", PLAIN)


def test_the_same_extract_has_the_same_digest(tmp_path: Path, extract: Extract) -> None:
    """By it a second run knows what stands; one penny makes another one."""
    again = smartstream.write(tmp_path / "again", journals=3, lines=3)
    other = read("again", {file.name: file.read_bytes() for file in again.iterdir()}).extract
    first = order.digest(order.ledger(extract, "Old", "Durham"))

    assert order.digest(order.ledger(other, "Old", "Durham")) == first
    dearer = other.postings[0]._replace(debit=other.postings[0].debit + Decimal("0.01"))
    changed = other._replace(postings=(dearer, *other.postings[1:]))
    assert order.digest(order.ledger(changed, "Old", "Durham")) != first


def test_evidence_is_for_whoever_made_it(extract: Extract, tmp_path: Path) -> None:
    """A council's ledger stands in it: no file and no new folder is open to others, whatever the umask is."""
    answer = Report("cutover", shown(extract, "imported", expected_totals(extract)))
    before = os.umask(0)
    try:
        files = evidence.write(tmp_path / "kept" / "here", "today", answer)
    finally:
        os.umask(before)

    assert [file.name for file in files.values()] == ["today.json", "today.xml", "today.md"]
    assert files[evidence.PAGE].read_text().startswith("#")
    there = [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]
    assert len(there) == 5
    assert not [path for path in there if path.stat().st_mode & 0o077]


def test_evidence_that_cannot_be_written(extract: Extract, tmp_path: Path) -> None:
    """It is told which file and why, and that the work itself was done."""
    (tmp_path / "kept").write_text("")
    answer = Report("cutover", shown(extract, "imported", expected_totals(extract)))

    with pytest.raises(OperationError, match=rf"^the report could not be written: {tmp_path}/kept") as failed:
        evidence.write(tmp_path / "kept" / "here", "today", answer)

    assert failed.value.state == "What the report is about was done nevertheless."
    assert failed.value.hint == f"ls -ld {tmp_path}/kept/here"
