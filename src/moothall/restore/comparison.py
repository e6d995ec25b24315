"""What the copy holds against what runs: table by table, and what was written since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from moothall.model.planned import TenantPlan
from moothall.restore.asking import ask
from moothall.verify.engine import Engine

# Each record of Tryton carries when it was made and changed, in UTC; a table without these columns has only a size.
_TABLES = """
SELECT t.name, (xpath('/row/n/text()', t.x))[1]::text, coalesce((xpath('/row/later/text()', t.x))[1]::text, '0'),
       coalesce((xpath('/row/last/text()', t.x))[1]::text, '')
FROM (
    SELECT c.relname AS name, query_to_xml(format('SELECT count(*) AS n, %s FROM public.%I', (
        SELECT CASE WHEN count(*) = 2 THEN
            'count(*) FILTER (WHERE greatest(create_date, write_date) > ''{since}'') AS later,
             max(greatest(create_date, write_date)) AS last'
        ELSE '0 AS later' END
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname IN ('create_date', 'write_date') AND NOT a.attisdropped
    ), c.relname), false, true, '') AS x
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
) t
"""
_FIRST = """
SELECT min((xpath('/row/first/text()', x))[1]::text) FROM (
    SELECT query_to_xml(format(
        'SELECT min(c) AS first FROM (SELECT greatest(create_date, write_date) AS c FROM public.%I) t
         WHERE c > ''{after}'' AND c <= ''{until}''', relname
    ), false, true, '') AS x
    FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND (
        SELECT count(*) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname IN ('create_date', 'write_date') AND NOT a.attisdropped
    ) = 2
) t
"""
_SIZE = "SELECT pg_database_size(current_database())"
_NEVER = "infinity"


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and how many of them were made or changed after a moment."""

    rows: int
    later: int
    last: str


@dataclass(frozen=True)
class Database:
    """One database: its size in bytes and its tables by name."""

    size: int
    tables: Mapping[str, Table]

    @property
    def changed(self) -> str:
        """When a record was last made or changed, ISO 8601 in UTC; empty when none ever was."""
        return max((table.last for table in self.tables.values()), default="")

    def view(self) -> dict[str, object]:
        """Return it as JSON-able data; `lastChange` in UTC, empty when nothing ever changed."""
        return {
            "bytes": self.size,
            "tables": len(self.tables),
            "rows": sum(table.rows for table in self.tables.values()),
            "lastChange": self.changed,
        }


def look(engine: Engine, container: str, tenant: TenantPlan, since: datetime | None) -> Database | None:
    """Return what a server holds of a tenant; None when there is no such database. Raises CouldNotRun."""
    exists = f"SELECT 1 FROM pg_database WHERE datname = '{tenant.database}' AND datallowconn"
    if not ask(engine, container, "postgres", exists):
        return None
    moment = since.strftime("%Y-%m-%d %H:%M:%S.%f") if since else _NEVER
    [[size], *rows] = ask(engine, container, tenant.database, _SIZE, _TABLES.format(since=moment))
    return Database(int(size), {name: Table(int(n), int(later), last) for name, n, later, last in rows})


def first_change(engine: Engine, container: str, tenant: TenantPlan, after: str, until: datetime) -> datetime | None:
    """Return when the first record was made or changed after one moment (as `changed` says it) and up to another.

    None when nothing was. Raises CouldNotRun.
    """
    moment = f"{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    [[first]] = ask(engine, container, tenant.database, _FIRST.format(after=after, until=moment))
    return datetime.fromisoformat(first).replace(tzinfo=UTC) if first else None


def compare(tenant: TenantPlan, live: Database | None, copy: Database | None) -> dict[str, object]:
    """Return the comparison of one tenant as JSON-able data; `lost` counts what only the live one has."""
    return {
        "council": tenant.council,
        "database": tenant.database,
        "live": live.view() if live else None,
        "copy": copy.view() if copy else None,
        "writtenSince": sum(table.later for table in live.tables.values()) if live else 0,
        "differences": _differences(live, copy) if live and copy else [],
    }


def _differences(live: Database, copy: Database) -> list[dict[str, object]]:
    """Return the tables that differ in the number of their rows or in when they were last changed."""
    found: list[dict[str, object]] = []
    for name in sorted(live.tables.keys() | copy.tables.keys()):
        here, there = live.tables.get(name), copy.tables.get(name)
        if here is None or there is None or (here.rows, here.last) != (there.rows, there.last):
            found.append(
                {
                    "table": name,
                    "live": here.rows if here else None,
                    "copy": there.rows if there else None,
                    "writtenSince": here.later if here else 0,
                }
            )
    return found
