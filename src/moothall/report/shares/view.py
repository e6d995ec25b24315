"""The view of `shares`: what each tenant pays a year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from moothall.model.outcome import Answer, Share

KIND = "shares"


def answer(as_of: date, shares: Iterable[tuple[str, Share]]) -> Answer:
    """Return the shares, each with the name of its partnership."""
    shown = [
        {
            "partnership": partnership,
            "instance": share.instance,
            "council": share.council,
            "share": share.share,
            "annualCost": f"{share.pence // 100}.{share.pence % 100:02} GBP",
        }
        for partnership, share in shares
    ]
    return Answer(KIND, {"schemaVersion": 1, "asOf": as_of.isoformat(), "shares": shown})
