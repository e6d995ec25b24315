"""The rows of a benchmark and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One measurement: what was done, how much of what, against which baseline, and the budget; or why not."""

    work: str
    measured: str
    ratio: float | None = None
    unit: str = ""
    baseline: str = ""
    most: float | None = None
    least: float | None = None
    skipped: str = ""

    @property
    def missed(self) -> bool:
        """Say whether the budget is missed; what was skipped misses nothing."""
        if self.ratio is None:
            return False
        return (self.most is not None and self.ratio > self.most) or (
            self.least is not None and self.ratio < self.least
        )


def show(title: str, rows: Iterable[Row]) -> list[Row]:
    """Print rows under a title, each as soon as it is there, and return them."""
    print(f"\n{title}\n{'work':58} {'measured':>10} {'ratio':>9}  {'budget':9} baseline")
    shown = []
    for row in rows:
        shown.append(row)
        print(_line(row), flush=True)
    return shown


def _line(row: Row) -> str:
    if row.skipped:
        return f"{row.work:58} skipped: {row.skipped}"
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}{row.unit}"
    budget = f"<= {row.most:g}" if row.most is not None else f">= {row.least:g}" if row.least is not None else ""
    return f"{row.work:58} {row.measured:>10} {ratio:>9}  {budget:9} {row.baseline}{'   MISSED' if row.missed else ''}"
