"""A made-up ledger in the form of an extract: a council's chart of accounts, a year's periods, balanced journals.

Names and amounts are invented; the same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from moothall.cutover.extract import COLUMNS

ACCOUNTS = [
    ("10100", "Bank, general fund", "asset"),
    ("10200", "Trade debtors", "asset"),
    ("10300", "Buildings and roads", "asset"),
    ("20100", "Trade creditors", "liability"),
    ("20200", "Receipts in advance, council tax", "liability"),
    ("30100", "General fund balance", "reserve"),
    ("40100", "Council tax", "income"),
    ("40200", 'Grants ("specific")', "income"),
    ("50100", "Salaries, schools", "expenditure"),
    ("50200", "Highways, £ per mile", "expenditure"),
    ("50300", "Libraries", "expenditure"),
    ("50400", "Social care", "expenditure"),
]
MONTHS = [(2007, 4 + month) if month < 9 else (2008, month - 8) for month in range(12)]


def write(folder: Path, journals: int = 40, lines: int = 4, seed: int = 2007) -> Path:
    """Write an extract of so many journals, of so many lines each, into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    periods = [_period(number, *month) for number, month in enumerate(MONTHS, 1)]
    postings = list(_postings(random.Random(seed), periods, journals, lines))
    totals: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(), Decimal()])
    for _, _, _, period, account, _, debit, credit in postings:
        totals[period, account][0] += Decimal(debit or 0)
        totals[period, account][1] += Decimal(credit or 0)
    _write(folder, "accounts.csv", ACCOUNTS)
    _write(folder, "periods.csv", periods)
    _write(folder, "journals.csv", postings)
    _write(folder, "balances.csv", [(*key, f"{d:.2f}", f"{c:.2f}") for key, (d, c) in sorted(totals.items())])
    return folder


def _period(number, year, month):
    start = date(year, month, 1)
    end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return ("2007/08", f"2007-{number:02}", start.isoformat(), end.isoformat(), "standard")


def _postings(dice, periods, journals, lines):
    for number in range(1, journals + 1):
        _, period, start, end, _ = dice.choice(periods)
        first = date.fromisoformat(start)
        day = first + timedelta(days=dice.randrange((date.fromisoformat(end) - first).days + 1))
        amounts = [Decimal(dice.randrange(1, 9_999_999)) / 100 for _ in range(lines - 1)]
        for line, amount in enumerate([*amounts, None], 1):
            account, name, _ = dice.choice(ACCOUNTS)
            debit, credit = (f"{amount:.2f}", "") if amount is not None else ("", f"{sum(amounts):.2f}")
            yield (f"JV{number:06}", str(line), day.isoformat(), period, account, f"{name} {day:%b}", debit, credit)


def _write(folder, name, rows):
    with open(folder / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS[name])
        writer.writerows(rows)
