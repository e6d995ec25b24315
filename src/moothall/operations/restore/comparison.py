"""What the copy holds against what runs: table by table, and what was written since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from moothall.model.planned import TenantPlan
from moothall.postgres.changes import Database


class Difference(NamedTuple):
    """A table that has other rows in the copy, or that only one of both has.

    `live` and `copy` are numbers of rows, `later` that of the live rows made or changed since.
    """

    table: str
    live: int | None
    copy: int | None
    later: int


@dataclass(frozen=True)
class Compared:
    """One tenant where it runs and in the copy; None where there is no database.

    `not_compared` says why the two could not be compared; then nothing is known of either.
    """

    tenant: TenantPlan
    live: Database | None
    copy: Database | None
    not_compared: str | None = None

    @property
    def written_since(self) -> int | None:
        """How many rows only the live database has, which a swap would lose; None when that is not known."""
        if self.not_compared is not None:
            return None
        return sum(table.later for table in self.live.tables.values()) if self.live else 0

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The tables that differ in the number of their rows or in when they were last changed, by name."""
        return tuple(_differences(self.live, self.copy)) if self.live and self.copy else ()


def _differences(live: Database, copy: Database) -> Iterator[Difference]:
    for name in sorted(live.tables.keys() | copy.tables.keys()):
        here, there = live.tables.get(name), copy.tables.get(name)
        if here is None or there is None or (here.rows, here.last) != (there.rows, there.last):
            rows = here.rows if here else None, there.rows if there else None
            yield Difference(name, *rows, here.later if here else 0)
