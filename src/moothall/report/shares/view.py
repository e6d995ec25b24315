"""The view of `shares`: what each tenant pays a year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypedDict

from moothall.model.outcome import Report, Share

KIND = "shares"


class ShareView(TypedDict):
    """One tenant's share of an instance; `annualCost` is in pounds, such as `1200.50 GBP`."""

    partnership: str
    instance: str
    council: str
    share: int
    annualCost: str


class SharesView(TypedDict):
    """The shares on a day (ISO 8601)."""

    schemaVersion: int
    asOf: str
    shares: list[ShareView]


def answer(as_of: date, shares: Iterable[tuple[str, Share]]) -> Report:
    """Return the shares, each with the name of its partnership."""
    view: SharesView = {
        "schemaVersion": 1,
        "asOf": as_of.isoformat(),
        "shares": [_share(partnership, share) for partnership, share in shares],
    }
    return Report(KIND, view)


def _share(partnership: str, share: Share) -> ShareView:
    return {
        "partnership": partnership,
        "instance": share.instance,
        "council": share.council,
        "share": share.share,
        "annualCost": f"{share.pence // 100}.{share.pence % 100:02} GBP",
    }
