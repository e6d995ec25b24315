"""What is wrong with an extract as a whole, looked at without the tenant: journals, periods, accounts, duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from moothall.cutover.cells import Cell, finding
from moothall.cutover.extract import NOTHING, Balance, Extract, Period, Posting
from moothall.diagnostics import Diagnostic, Label

_ONE_DAY = "All lines of a journal are posted on one day, in one period."


def check(extract: Extract, *, complete: bool) -> Iterator[Diagnostic]:
    """Yield every finding about an extract.

    `complete` says that all its lines could be read: else a journal or a name is only missing what was left out.
    """
    yield from _duplicates("account", ((account.code,) for account in extract.accounts))
    yield from _duplicates("period", ((period.code,) for period in extract.periods))
    yield from _duplicates("line", ((posting.journal, posting.line) for posting in extract.postings))
    yield from _duplicates("balance", ((balance.period, balance.account) for balance in extract.balances))
    yield from _period_findings(extract.periods)
    yield from _day_findings(extract)
    if complete:
        yield from _unknown_references(extract)
        yield from _journal_findings(extract.postings)


def _duplicates(noun: str, keys: Iterable[tuple[Cell, ...]]) -> Iterator[Diagnostic]:
    """Yield a finding for every key that was there before."""
    first_cells: dict[tuple[str, ...], Cell] = {}
    for key in keys:
        texts = tuple(cell.text for cell in key)
        first_cell = first_cells.setdefault(texts, key[-1])
        if first_cell is not key[-1]:
            detail = "Keep one of the two, or give the other a name of its own."
            label = Label(first_cell.span, "first here")
            yield finding(
                "extract-duplicate", f"the {noun} {' '.join(texts)} is there twice", detail, key[-1].span, label
            )


def _period_findings(periods: Iterable[Period]) -> Iterator[Diagnostic]:
    """Yield periods that end before they begin, and standard ones that share days."""
    standard_periods = []
    for period in periods:
        if period.end < period.start:
            summary = f"{period.code.text} ends before it begins"
            yield finding("extract-period", summary, "The first day comes before the last.", period.code.span)
        elif period.type == "standard":
            standard_periods.append(period)
    for first, second in pairwise(sorted(standard_periods, key=lambda period: (period.start, period.end))):
        if second.start <= first.end:
            summary = f"{second.code.text} shares days with {first.code.text}"
            detail = "Only periods of the type adjustment lie within others."
            yield finding("extract-period", summary, detail, second.code.span, Label(first.code.span, "the other"))


def _day_findings(extract: Extract) -> Iterator[Diagnostic]:
    """Yield lines whose day is not in their period."""
    periods = {period.code.text: period for period in extract.periods if period.start <= period.end}
    for posting in extract.postings:
        period = periods.get(posting.period.text)
        if period and not period.start <= posting.day <= period.end:
            summary = f"{posting.day} is not in {period.code.text}"
            detail = f"The period goes from {period.start} to {period.end}: one of the two fields is wrong."
            yield finding("extract-period", summary, detail, posting.period.span, Label(posting.date.span, "the day"))


def _unknown_references(extract: Extract) -> Iterator[Diagnostic]:
    """Yield accounts and periods that are used and not in their files."""
    accounts = {account.code.text for account in extract.accounts}
    periods = {period.code.text for period in extract.periods}
    lines: list[Posting | Balance] = [*extract.postings, *extract.balances]
    for line in lines:
        if line.account.text not in accounts:
            summary, detail = f"there is no account {line.account.text}", "Every account used is in accounts.csv."
            yield finding("extract-unknown-account", summary, detail, line.account.span)
        if line.period.text not in periods:
            summary, detail = f"there is no period {line.period.text}", "Every period used is in periods.csv."
            yield finding("extract-unknown-period", summary, detail, line.period.span)


def journals(postings: Iterable[Posting]) -> Iterator[tuple[str, tuple[Posting, ...]]]:
    """Yield every journal by its number with its lines, in the order of the file's first mention."""
    journal_lines: dict[str, list[Posting]] = {}
    for posting in postings:
        journal_lines.setdefault(posting.journal.text, []).append(posting)
    yield from ((number, tuple(lines)) for number, lines in journal_lines.items())


def _journal_findings(postings: Iterable[Posting]) -> Iterator[Diagnostic]:
    """Yield journals that do not balance, or lie in two periods or on two days."""
    for number, (first_line, *other_lines) in journals(postings):
        debit = sum((line.debit for line in (first_line, *other_lines)), NOTHING)
        credit = sum((line.credit for line in (first_line, *other_lines)), NOTHING)
        if debit != credit:
            summary = f"the journal {number} does not balance"
            detail = f"Its debits are {debit:,} and its credits {credit:,}: {abs(debit - credit):,} apart."
            yield finding("extract-unbalanced", summary, detail, first_line.journal.span)
        differing_line = next(
            (line for line in other_lines if (line.period.text, line.day) != (first_line.period.text, first_line.day)),
            None,
        )
        if differing_line:
            cell, first_cell = (
                (differing_line.date, first_line.date)
                if differing_line.day != first_line.day
                else (differing_line.period, first_line.period)
            )
            summary = f"the journal {number} has two {'days' if cell is differing_line.date else 'periods'}"
            yield finding("extract-period", summary, _ONE_DAY, cell.span, Label(first_cell.span, "its first line"))
