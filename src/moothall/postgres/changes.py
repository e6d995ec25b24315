"""When what is in a tenant's database was last changed: table by table, and since a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moothall.postgres.databases import exists
from moothall.postgres.lines import unexpected_answer
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import Session

# Each record of Tryton carries when it was made and changed, in UTC; a table without these columns, of this type, has
# only a size. Names and values are the tenant's: they come as JSON, and a year that ISO 8601 lacks is no moment.
_DATED = """(
    SELECT count(*) = 2 FROM pg_catalog.pg_attribute a
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
            format('count(*) FILTER (WHERE greatest(create_date, write_date) > %L) AS later,
             max(greatest(create_date, write_date)) FILTER (
                 WHERE greatest(create_date, write_date) BETWEEN ''{_FIRST_DAY}'' AND ''{_LAST_DAY}''
             ) AS last', :'since')
        ELSE '0 AS later' END, c.relname), false, true, '') AS x
    FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
) t
"""
_FIRST = f"""
SELECT json_build_object('first', min((xpath('/row/first/text()', x))[1]::text)) FROM (
    SELECT query_to_xml(format(
        'SELECT min(c) AS first FROM (SELECT greatest(create_date, write_date) AS c FROM public.%I) t
         WHERE c > %L AND c <= %L', relname, :'after', :'until'
    ), false, true, '') AS x
    FROM pg_catalog.pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND {_DATED}
) t
"""
_NEVER = "infinity"


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and how many of them were made or changed after a moment."""

    rows: int
    changed_rows: int
    last_change: str


@dataclass(frozen=True)
class Database:
    """One database: its size in bytes and its tables by name."""

    size: int
    tables: Mapping[str, Table]

    @property
    def last_change(self) -> str:
        """When a record was last made or changed, ISO 8601 in UTC; empty when none ever was."""
        return max((table.last_change for table in self.tables.values()), default="")

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(table.rows for table in self.tables.values())


def look(server: DatabaseServer, database: str, since: datetime | None) -> Database | None:
    """Return what a server holds in a tenant's database; None when there is no such database. Raises Inconclusive."""
    if not exists(server.provisioning(), database):
        return None
    moment = since.strftime("%Y-%m-%d %H:%M:%S.%f") if since else _NEVER
    expected: Mapping[str, tuple[type, ...]] = {"size": (int,), "tables": (list,)}
    answer = server.tenant_session(database).document(_LOOK, expected, since=moment)
    return Database(answer["size"], dict(map(_table, answer["tables"])))


def _table(item: Any) -> tuple[str, Table]:
    """Return a table of the answer by its name. Raises Inconclusive for one that is none."""
    if not isinstance(item, list) or [*map(type, item)] != [str, int, int, str]:
        raise unexpected_answer(str(item))
    name, rows, changed_rows, last_change = item
    return name, Table(rows, changed_rows, last_change)


def first_change(session: Session, after: str, until: datetime) -> datetime | None:
    """Return when the first record was made or changed after one moment (as `last_change` gives it) and up to another.

    None when nothing was. Raises Inconclusive.
    """
    moment = f"{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    expected = {"first": (str, type(None))}
    first = session.document(_FIRST, expected, after=after or _FIRST_DAY, until=moment)["first"]
    try:
        return datetime.fromisoformat(first).replace(tzinfo=UTC) if first else None
    except ValueError:
        raise unexpected_answer(first) from None
