"""What the copy holds against what runs: table by table, and what was written since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from moothall.docker_engine.engine import Engine
from moothall.model.planned import TenantPlan
from moothall.restore.asking import ask, told

# Each record of Tryton carries when it was made and changed, in UTC; a table without these columns, of this type, has
# only a size. Names and values are the tenant's: they come as JSON, and a year that ISO 8601 lacks is no moment.
_DATED = """(
    SELECT count(*) = 2 FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attname IN ('create_date', 'write_date') AND NOT a.attisdropped
    AND a.atttypid = 'timestamp'::regtype
)"""
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"
_LOOK = f"""
SELECT json_build_object('size', pg_database_size(current_database()), 'tables', coalesce(json_agg(json_build_array(
    t.name, (xpath('/row/n/text()', t.x))[1]::text::bigint,
    coalesce((xpath('/row/later/text()', t.x))[1]::text, '0')::bigint,
    coalesce((xpath('/row/last/text()', t.x))[1]::text, '')
)), '[]'))
FROM (
    SELECT c.relname AS name, query_to_xml(format('SELECT count(*) AS n, %s FROM public.%I',
        CASE WHEN {_DATED} THEN
            'count(*) FILTER (WHERE greatest(create_date, write_date) > ''{{since}}'') AS later,
             max(greatest(create_date, write_date)) FILTER (
                 WHERE greatest(create_date, write_date) BETWEEN ''{_FIRST_DAY}'' AND ''{_LAST_DAY}''
             ) AS last'
        ELSE '0 AS later' END, c.relname), false, true, '') AS x
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
) t
"""
_FIRST = f"""
SELECT json_build_object('first', min((xpath('/row/first/text()', x))[1]::text)) FROM (
    SELECT query_to_xml(format(
        'SELECT min(c) AS first FROM (SELECT greatest(create_date, write_date) AS c FROM public.%I) t
         WHERE c > ''{{after}}'' AND c <= ''{{until}}''', relname
    ), false, true, '') AS x
    FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND {_DATED}
) t
"""
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
    there = f"SELECT 1 FROM pg_database WHERE datname = '{tenant.database}'"
    if not ask(engine, container, "postgres", there):
        return None
    moment = since.strftime("%Y-%m-%d %H:%M:%S.%f") if since else _NEVER
    statement = _LOOK.format(since=moment)
    found = told(engine, container, tenant.database, statement, size=(int,), tables=(list,))
    return Database(found["size"], {name: Table(rows, later, last) for name, rows, later, last in found["tables"]})


def first_change(engine: Engine, container: str, tenant: TenantPlan, after: str, until: datetime) -> datetime | None:
    """Return when the first record was made or changed after one moment (as `changed` says it) and up to another.

    None when nothing was. Raises CouldNotRun.
    """
    moment = f"{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    statement = _FIRST.format(after=after or _FIRST_DAY, until=moment)
    first = told(engine, container, tenant.database, statement, first=(str, type(None)))["first"]
    return datetime.fromisoformat(first).replace(tzinfo=UTC) if first else None


def compare(tenant: TenantPlan, live: Database | None, copy: Database | None) -> dict[str, object]:
    """Return the comparison of one tenant as JSON-able data; `writtenSince` counts what only the live one has."""
    return {
        "council": tenant.council,
        "database": tenant.database,
        "live": live.view() if live else None,
        "copy": copy.view() if copy else None,
        "writtenSince": sum(table.later for table in live.tables.values()) if live else 0,
        "differences": _differences(live, copy) if live and copy else [],
        "notCompared": None,
    }


def not_compared(tenant: TenantPlan, reason: str) -> dict[str, object]:
    """Return, in place of the comparison, that there can be none, and why; what a swap would lose is not known."""
    unknown: dict[str, object] = {
        "live": None,
        "copy": None,
        "writtenSince": None,
        "differences": [],
        "notCompared": reason,
    }
    return {"council": tenant.council, "database": tenant.database, **unknown}


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
