"""Shares for people: a table of what each council pays a year."""

from __future__ import annotations

from moothall.report.shares.view import SharesView, ShareView
from moothall.report.style import Style


def render(view: SharesView, style: Style) -> str:
    """Return the text of the shares."""
    heads = ("partnership", "instance", "council", "share", "a year")
    rows = [heads, *map(_row, view["shares"])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = ["  ".join(_cell(cell, widths[n], right=n > 2) for n, cell in enumerate(row)).rstrip() for row in rows]
    return "\n".join([style.paint(lines[0], "bold"), *lines[1:]]) + "\n"


def _row(share: ShareView) -> tuple[str, str, str, str, str]:
    return share["partnership"], share["instance"], share["council"], str(share["share"]), share["annualCost"]


def _cell(text: str, width: int, *, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)
