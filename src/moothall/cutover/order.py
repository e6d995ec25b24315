"""What the job in the container is asked to do, as JSON, and what it answers."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any, NamedTuple

from moothall.cutover.checks import journals
from moothall.cutover.extract import Extract, Posting
from moothall.cutover.totals import Totals, expected_totals

REHEARSE, IMPORT, LOOK, UNDO = "rehearse", "import", "look", "undo"


class Outcome(NamedTuple):
    """The result of the job.

    `state` is "rehearsed", "imported", "standing" (imported by an earlier run), "differs" (nothing is left of it),
    "looked" or "undone". `totals` are read back from the tenant, `moves` counts journals, `seconds` are the durations
    of its steps by name, `lost_records` counts by model the records made or changed since the import that an undoing
    takes with it; `imported_at` is in ISO 8601.
    """

    state: str
    totals: Totals
    moves: int
    lines: int
    seconds: dict[str, float]
    lost_records: dict[str, int]
    imported_at: str


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
        "expected": [
            [*key, str(debit), str(credit)] for key, (debit, credit) in sorted(expected_totals(extract).items())
        ],
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
    """Return the SHA-256 of the ledger, in hexadecimal digits."""
    return hashlib.sha256(json.dumps(ledger, sort_keys=True).encode()).hexdigest()


def outcome(answer: dict[str, Any]) -> Outcome:
    """Return the answer of the job, as JSON, as an outcome."""
    totals = {
        (period, account): (Decimal(debit), Decimal(credit)) for period, account, debit, credit in answer["totals"]
    }
    return Outcome(
        answer["state"], totals, answer["moves"], answer["lines"], answer["seconds"], answer["lost"], answer["at"]
    )
