"""What the copy holds against what runs: table by table, and what was written since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from moothall.model.planned import TenantPlan
from moothall.postgres.changes import Database


class Difference(NamedTuple):
    """A table that has other rows in the copy, or that only one of both has.

    All but the name are numbers of rows; `later_rows` is that of the live rows made or changed since.
    """

    table: str
    live_rows: int | None
    copy_rows: int | None
    later_rows: int


@dataclass(frozen=True)
class TenantComparison:
    """One tenant where it runs and in the copy; None where there is no database.

    `failure` says why the two could not be compared; then nothing is known of either.
    """

    tenant: TenantPlan
    live: Database | None
    copy: Database | None
    failure: str | None = None

    @property
    def rows_written_since(self) -> int | None:
        """How many rows only the live database has, which a swap would lose; None when that is not known."""
        if self.failure is not None:
            return None
        return sum(table.changed_rows for table in self.live.tables.values()) if self.live else 0

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The tables that differ in the number of their rows or in when they were last changed, by name."""
        return tuple(_differences(self.live, self.copy)) if self.live and self.copy else ()


def _differences(live: Database, copy: Database) -> Iterator[Difference]:
    for name in sorted(live.tables.keys() | copy.tables.keys()):
        live_table, copy_table = live.tables.get(name), copy.tables.get(name)
        if (
            live_table is None
            or copy_table is None
            or (live_table.rows, live_table.last_change) != (copy_table.rows, copy_table.last_change)
        ):
            rows = live_table.rows if live_table else None, copy_table.rows if copy_table else None
            yield Difference(name, *rows, live_table.changed_rows if live_table else 0)
