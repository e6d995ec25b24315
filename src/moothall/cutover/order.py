"""What the job in the container is asked to do, as JSON, and what it answers."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any, NamedTuple

from moothall.cutover.checks import journals
from moothall.cutover.extract import Extract, Posting
from moothall.cutover.totals import Totals, expected

REHEARSE, IMPORT, LOOK, UNDO = "rehearse", "import", "look", "undo"


class Outcome(NamedTuple):
    """What the job did.

    `state` is "rehearsed", "imported", "standing" (imported by an earlier run), "differs" (nothing is left of it),
    "looked" or "undone". `totals` are read back from the tenant, `moves` counts journals, `seconds` name what took how
    long, `lost` says by model how many records made or changed since the import an undoing takes with it.
    """

    state: str
    totals: Totals
    moves: int
    lines: int
    seconds: dict[str, float]
    lost: dict[str, int]
    at: str


def ledger(extract: Extract, system: str, title: str) -> dict[str, Any]:
    """Return the ledger as the job reads it; amounts are texts with two decimals. `title` names a company made new."""
    return {
        "system": system,
        "title": title,
        "accounts": [[account.code.text, account.description, account.type] for account in extract.accounts],
        "periods": [
            [period.year, period.code.text, period.start.isoformat(), period.end.isoformat(), period.type]
            for period in extract.periods
        ],
        "journals": [_journal(number, lines) for number, lines in journals(extract.postings)],
        "expected": [[*key, str(debit), str(credit)] for key, (debit, credit) in sorted(expected(extract).items())],
    }


def _journal(number: str, lines: tuple[Posting, ...]) -> list[Any]:
    first = lines[0]
    return [
        number,
        first.day.isoformat(),
        first.period.text,
        [[line.account.text, line.description, str(line.debit), str(line.credit)] for line in lines],
    ]


def digest(ledger: dict[str, Any]) -> str:
    """Return what tells this ledger from every other."""
    return hashlib.sha256(json.dumps(ledger, sort_keys=True).encode()).hexdigest()


def outcome(said: dict[str, Any]) -> Outcome:
    """Return what the job printed as values."""
    totals = {(period, account): (Decimal(debit), Decimal(credit)) for period, account, debit, credit in said["totals"]}
    return Outcome(said["state"], totals, said["moves"], said["lines"], said["seconds"], said["lost"], said["at"])
