"""Extracts with faults in them: each is found, at its place, all in one run, before anything is touched."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.commands.front_door import moothall
from tests.cutover import smartstream

from moothall.cutover.cells import table
from moothall.cutover.checks import check
from moothall.cutover.extract import read
from moothall.paths import PROJECT

PAGE = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")

FAULTS = {
    "no-balances": ("balances.csv", "", "", "1:1 extract-file"),
    "pound-sign-in-windows-1252": ("journals.csv", "£".encode(), b"\xa3", "2:48 extract-encoding"),
    "a-comma-too-many": ("accounts.csv", '"Salaries, schools"', "Salaries, schools", "10:1 extract-columns"),
    "quotes-do-not-end": ("accounts.csv", '"Bank, general fund"', '"Bank', "2:1 extract-columns"),
    "other-columns": ("periods.csv", "year,period", "jahr,period", "1:1 extract-columns"),
    "account-without-number": ("accounts.csv", "50300,", ",", "12:1 extract-empty"),
    "account-of-no-type": ("accounts.csv", "Libraries,expenditure", "Libraries,expense", "12:17 extract-type"),
    "day-first": ("journals.csv", "JV000001,2,2007-07-25", "JV000001,2,25/07/2007", "3:12 extract-date"),
    "no-such-day": ("periods.csv", "2007-06-30", "2007-06-31", "4:28 extract-date"),
    "thousands-comma": ("journals.csv", "70125.11", '"70,125.11"', "3:53 extract-amount"),
    "tenths-of-pence": ("journals.csv", "11791.74", "11791.740", "2:64 extract-amount"),
    "negative": ("journals.csv", ",,81916.85", ",-81916.85,", "4:62 extract-amount"),
    "both-sides": ("journals.csv", "11791.74,", "11791.74,1.00", "2:73 extract-amount"),
    "line-twice": ("journals.csv", "JV000001,2,", "JV000001,1,", "3:10 extract-duplicate"),
    "account-twice": ("accounts.csv", "50300", "50400", "13:1 extract-duplicate"),
    "day-outside-period": ("journals.csv", "JV000001,1,2007-07-25,2007-04", "JV000001,1,2007-07-25,2007-05", ""),
    "periods-share-days": ("periods.csv", "2007-05-01", "2007-04-30", "3:9 extract-period"),
    "period-ends-first": ("periods.csv", "2007-06-01,2007-06-30", "2007-06-30,2007-06-01", "4:9 extract-period"),
    "unknown-account": ("journals.csv", "25,2007-04,50400", "25,2007-04,54000", "3:31 extract-unknown-account"),
    "unknown-period": ("journals.csv", "JV000003,1,2007-08-19,2007-05", "JV000003,1,2007-08-19,2007-14", ""),
    "a-penny-off": ("journals.csv", "81916.85", "81916.84", "2:1 extract-unbalanced"),
    "two-days": ("journals.csv", "JV000001,2,2007-07-25", "JV000001,2,2007-07-24", "3:12 extract-period"),
}
"""File, what stands there, what stands there instead, and the finding ("line:column rule"); "" where there are more."""
MORE = {
    "day-outside-period": {"2:23 extract-period", "3:23 extract-period"},
    "unknown-period": {"8:23 extract-unknown-period", "9:23 extract-period"},
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An extract without a fault."""
    return smartstream.write(tmp_path_factory.mktemp("extract") / "sound", journals=3, lines=3)


def spoil(folder: Path, fault: str) -> None:
    """Put one fault into an extract."""
    name, before, after, _ = FAULTS[fault]
    file = folder / name
    if not before:
        file.unlink()
        return
    old, new = (text if isinstance(text, bytes) else text.encode() for text in (before, after))
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new, 1))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_at_its_place(fault: str, sound: Path, tmp_path: Path) -> None:
    """One fault, one rule, one place; the file is named as it was given."""
    folder = Path(shutil.copytree(sound, tmp_path / "bad"))
    spoil(folder, fault)

    reading = read("bad", {file.name: file.read_bytes() for file in folder.iterdir()})
    found = {
        f"{each.primary.span.line}:{each.primary.span.column} {each.rule}"
        for each in [*reading.findings, *check(reading.extract, complete=not reading.findings)]
    }

    assert found == (MORE.get(fault) or {FAULTS[fault][3]})


def test_every_rule_has_a_fault_and_a_section() -> None:
    """What the page describes is what there is."""
    spoken = {place.split()[1] for _, _, _, place in FAULTS.values() if place}
    spoken |= {place.split()[1] for places in MORE.values() for place in places}

    assert set(re.findall(r"(?m)^## (extract-\S+)", PAGE)) == spoken


def test_all_faults_in_one_run(sound: Path, tmp_path: Path) -> None:
    """The front door: exit 3, every finding with its line and the way to mend it, before any engine is asked."""
    folder = Path(shutil.copytree(sound, tmp_path / "extract"))
    for fault in ("unknown-account", "two-days", "line-twice", "a-penny-off", "periods-share-days"):
        spoil(folder, fault)

    run = moothall("cutover", PROJECT, "durham", "erp", "--extract", str(folder))

    assert run.returncode == 3, run
    expected = (Path(__file__).parent / "faults.txt").read_text(encoding="utf-8")
    assert run.stdout.replace(folder.as_posix(), "extract") == expected
    assert run.stderr == ""


def test_a_use_that_replaces_nothing(sound: Path) -> None:
    """Northumberland's ledger is where it always was."""
    run = moothall("cutover", PROJECT, "northumberland", "erp", "--extract", str(sound))

    assert run.returncode == 64, run
    assert "there are: durham erp" in run.stderr


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]) | st.sampled_from('," '), max_size=8)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5))
def test_lines_are_read_as_the_standard_library_reads_them(rows: list[tuple[str, str, str]]) -> None:
    """Whatever csv writes, quoted or not, comes back, and each cell stands where its text does."""
    out = io.StringIO()
    csv.writer(out).writerows([("a", "b", "c"), *rows])
    lines = out.getvalue().split("\r\n")

    found = table("x.csv", out.getvalue().encode(), ("a", "b", "c"))

    assert not found.findings
    assert [tuple(cell.text for cell in row.values()) for row in found.rows] == [
        tuple(cell.strip() for cell in row) for row in rows
    ]
    for row in found.rows:
        for cell in row.values():
            raw = lines[cell.span.line - 1][cell.span.column - 1 : cell.span.end_column - 1]
            assert "".join(next(csv.reader([raw]))).strip() == cell.text
