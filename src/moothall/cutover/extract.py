"""The extract of an old system's general ledger: what its four files hold, and reading them.

The columns are those that SmartStream-like systems export; docs/cutover.md describes them. Money is decimal, never
binary. A line that cannot be read is left out and the others are still checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from moothall.cutover.cells import Cell, Row, Table, finding, table
from moothall.diagnostics import Diagnostic
from moothall.source import Span

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "accounts.csv": ("account", "description", "type"),
    "periods.csv": ("year", "period", "start", "end", "type"),
    "journals.csv": ("journal", "line", "date", "period", "account", "description", "debit", "credit"),
    "balances.csv": ("period", "account", "debit", "credit"),
}
"""The files of an extract, and the columns of each."""
ACCOUNT_TYPES = ("asset", "liability", "reserve", "income", "expenditure")
PERIOD_TYPES = ("standard", "adjustment")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII)
NOTHING = Decimal("0.00")


class Account(NamedTuple):
    """A line of accounts.csv."""

    code: Cell
    description: str
    type: str


class Period(NamedTuple):
    """A line of periods.csv; both days belong to the period."""

    year: str
    code: Cell
    start: date
    end: date
    type: str


class Posting(NamedTuple):
    """A line of journals.csv, one side of a journal; amounts in pounds."""

    journal: Cell
    line: Cell
    day: date
    date: Cell
    period: Cell
    account: Cell
    description: str
    debit: Decimal
    credit: Decimal


class Balance(NamedTuple):
    """A line of balances.csv: what the old system itself says was posted to an account in a period; in pounds."""

    period: Cell
    account: Cell
    debit: Decimal
    credit: Decimal


class Extract(NamedTuple):
    """Everything in an extract."""

    accounts: tuple[Account, ...]
    periods: tuple[Period, ...]
    postings: tuple[Posting, ...]
    balances: tuple[Balance, ...]


class Reading(NamedTuple):
    """The result of reading an extract: its content, what is wrong with single fields, the text of each file."""

    extract: Extract
    findings: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def read(folder: str, files: Mapping[str, bytes]) -> Reading:
    """Return what the files of an extract hold; `files` are contents by name, `folder` is shown in front of names."""
    tables = {
        name: table(f"{folder}/{name}", files[name], columns) if name in files else _missing_table(f"{folder}/{name}")
        for name, columns in COLUMNS.items()
    }
    findings = [diagnostic for file_table in tables.values() for diagnostic in file_table.findings]
    extract = Extract(
        tuple(_accounts(tables["accounts.csv"].rows, findings)),
        tuple(_periods(tables["periods.csv"].rows, findings)),
        tuple(_postings(tables["journals.csv"].rows, findings)),
        tuple(_balances(tables["balances.csv"].rows, findings)),
    )
    return Reading(extract, tuple(findings), {file_table.path: file_table.text for file_table in tables.values()})


def _missing_table(path: str) -> Table:
    detail = f"An extract holds {', '.join(COLUMNS)}."
    return Table(path, (), (finding("extract-file", "the file is not there", detail, Span(path, 1, 1, 1, 2)),), "")


def _accounts(rows: Sequence[Row], findings: list[Diagnostic]) -> Iterator[Account]:
    for row in rows:
        count_before = len(findings)
        code, description = _required_cell(row["account"], findings), _required_cell(row["description"], findings)
        kind = _type_word(row["type"], ACCOUNT_TYPES, findings)
        if len(findings) == count_before:
            yield Account(code, description.text, kind)


def _periods(rows: Sequence[Row], findings: list[Diagnostic]) -> Iterator[Period]:
    for row in rows:
        count_before = len(findings)
        year, code = _required_cell(row["year"], findings), _required_cell(row["period"], findings)
        start, end = _day(row["start"], findings), _day(row["end"], findings)
        kind = _type_word(row["type"], PERIOD_TYPES, findings)
        if len(findings) == count_before and start and end:
            yield Period(year.text, code, start, end, kind)


def _postings(rows: Sequence[Row], findings: list[Diagnostic]) -> Iterator[Posting]:
    for row in rows:
        count_before = len(findings)
        journal, line = _required_cell(row["journal"], findings), _required_cell(row["line"], findings)
        day = _day(row["date"], findings)
        period, account = _required_cell(row["period"], findings), _required_cell(row["account"], findings)
        debit, credit = _amount(row["debit"], findings), _amount(row["credit"], findings)
        if debit and credit:
            detail = "A line is a debit or a credit: leave the other field empty, or write 0.00."
            findings.append(finding("extract-amount", "debit and credit in one line", detail, row["credit"].span))
        if len(findings) == count_before and day:
            description = row["description"].text
            yield Posting(journal, line, day, row["date"], period, account, description, debit, credit)


def _balances(rows: Sequence[Row], findings: list[Diagnostic]) -> Iterator[Balance]:
    for row in rows:
        count_before = len(findings)
        period, account = _required_cell(row["period"], findings), _required_cell(row["account"], findings)
        debit, credit = _amount(row["debit"], findings), _amount(row["credit"], findings)
        if len(findings) == count_before:
            yield Balance(period, account, debit, credit)


def _required_cell(cell: Cell, findings: list[Diagnostic]) -> Cell:
    """Return the cell; note one that is empty."""
    if not cell.text:
        findings.append(finding("extract-empty", "the field is empty", "Every line says this.", cell.span))
    return cell


def _type_word(cell: Cell, words: Sequence[str], findings: list[Diagnostic]) -> str:
    """Return the word in the cell; note another one."""
    if cell.text not in words:
        detail = f"It is one of {', '.join(words)}."
        findings.append(finding("extract-type", f"{cell.text!r} is no type", detail, cell.span))
    return cell.text


def _day(cell: Cell, findings: list[Diagnostic]) -> date | None:
    """Return the day in the cell; note what is none."""
    try:
        return date.fromisoformat(cell.text if _DAY.fullmatch(cell.text) else "")
    except ValueError:
        detail = "Write the year first, then month and day, like 2007-12-31."
        findings.append(finding("extract-date", f"{cell.text!r} is not a day", detail, cell.span))
        return None


def _amount(cell: Cell, findings: list[Diagnostic]) -> Decimal:
    """Return the amount in the cell in pounds, nothing for an empty one; note what is no amount."""
    if not cell.text:
        return NOTHING
    if not _AMOUNT.fullmatch(cell.text):
        detail = "Pounds with a point before the pence, without sign, blanks or commas between digits, like 1234.50."
        findings.append(finding("extract-amount", f"{cell.text!r} is not an amount", detail, cell.span))
        return NOTHING
    return Decimal(cell.text).quantize(NOTHING)
