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
    yield from _twice("account", ((account.code,) for account in extract.accounts))
    yield from _twice("period", ((period.code,) for period in extract.periods))
    yield from _twice("line", ((posting.journal, posting.line) for posting in extract.postings))
    yield from _twice("balance", ((balance.period, balance.account) for balance in extract.balances))
    yield from _calendar(extract.periods)
    yield from _days(extract)
    if complete:
        yield from _unknown(extract)
        yield from _journals(extract.postings)


def _twice(noun: str, keys: Iterable[tuple[Cell, ...]]) -> Iterator[Diagnostic]:
    """Yield a finding for every key that was there before."""
    seen: dict[tuple[str, ...], Cell] = {}
    for key in keys:
        texts = tuple(cell.text for cell in key)
        first = seen.setdefault(texts, key[-1])
        if first is not key[-1]:
            detail = "Keep one of the two, or give the other a name of its own."
            label = Label(first.span, "first here")
            yield finding(
                "extract-duplicate", f"the {noun} {' '.join(texts)} is there twice", detail, key[-1].span, label
            )


def _calendar(periods: Iterable[Period]) -> Iterator[Diagnostic]:
    """Yield periods that end before they begin, and standard ones that share days."""
    sound = []
    for period in periods:
        if period.end < period.start:
            summary = f"{period.code.text} ends before it begins"
            yield finding("extract-period", summary, "The first day comes before the last.", period.code.span)
        elif period.type == "standard":
            sound.append(period)
    for before, after in pairwise(sorted(sound, key=lambda period: (period.start, period.end))):
        if after.start <= before.end:
            summary = f"{after.code.text} shares days with {before.code.text}"
            detail = "Only periods of the type adjustment lie within others."
            yield finding("extract-period", summary, detail, after.code.span, Label(before.code.span, "the other"))


def _days(extract: Extract) -> Iterator[Diagnostic]:
    """Yield lines whose day is not in their period."""
    periods = {period.code.text: period for period in extract.periods if period.start <= period.end}
    for posting in extract.postings:
        period = periods.get(posting.period.text)
        if period and not period.start <= posting.day <= period.end:
            summary = f"{posting.day} is not in {period.code.text}"
            detail = f"The period goes from {period.start} to {period.end}: one of the two fields is wrong."
            yield finding("extract-period", summary, detail, posting.period.span, Label(posting.date.span, "the day"))


def _unknown(extract: Extract) -> Iterator[Diagnostic]:
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
    found: dict[str, list[Posting]] = {}
    for posting in postings:
        found.setdefault(posting.journal.text, []).append(posting)
    yield from ((number, tuple(lines)) for number, lines in found.items())


def _journals(postings: Iterable[Posting]) -> Iterator[Diagnostic]:
    """Yield journals that do not balance, or lie in two periods or on two days."""
    for number, (first, *others) in journals(postings):
        debit = sum((line.debit for line in (first, *others)), NOTHING)
        credit = sum((line.credit for line in (first, *others)), NOTHING)
        if debit != credit:
            summary = f"the journal {number} does not balance"
            detail = f"Its debits are {debit:,} and its credits {credit:,}: {abs(debit - credit):,} apart."
            yield finding("extract-unbalanced", summary, detail, first.journal.span)
        astray = next((line for line in others if (line.period.text, line.day) != (first.period.text, first.day)), None)
        if astray:
            cell, own = (astray.date, first.date) if astray.day != first.day else (astray.period, first.period)
            summary = f"the journal {number} has two {'days' if cell is astray.date else 'periods'}"
            yield finding("extract-period", summary, _ONE_DAY, cell.span, Label(own.span, "its first line"))
