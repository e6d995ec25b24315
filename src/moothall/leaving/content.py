"""What is in a tenant's database, in numbers by which two copies are compared: rows and a digest for each table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from moothall.leaving.server import Server

PASSING = "session"
"""Tables of this in their name hold who is signed in at the moment; that is nobody's record, and lets people in."""

# Digests are added up, so that no order is needed; rows are compared as text in settings that are the same everywhere.
STATEMENTS = f"""\
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET extra_float_digits = 1;
SELECT format('SELECT concat_ws(E''\\t'', ''table'', %L, count(*),'
              ' coalesce(sum((''x'' || left(md5(r::text), 15))::bit(60)::bigint), 0)) FROM %I.%I AS r',
              relname, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public' AND position('{PASSING}' IN relname) = 0 ORDER BY relname \\gexec
"""  # noqa: S608 - made of our own words alone


class Table(NamedTuple):
    """A table's number of rows, and the sum of its rows' digests as decimal digits."""

    rows: int
    digest: str


Content = Mapping[str, Table]
"""Every table of a database by name."""


def content(server: Server, database: str) -> Content:
    """Return what a database holds now; raises `CouldNotRun`."""
    pieces: list[bytes] = []
    server.stream(STATEMENTS, database, pieces.append)
    return tables(b"".join(pieces).decode().splitlines())


def tables(lines: Iterable[str]) -> Content:
    """Return the tables that the lines of `STATEMENTS` tell of; other lines are passed over."""
    found = (line.split("\t") for line in lines if line.startswith("table\t"))
    return {name: Table(int(rows), digest) for _, name, rows, digest in found}


def differences(wanted: Content, found: Content) -> list[str]:
    """Return in words where two copies differ; nothing when they are equal."""
    said = []
    for name in sorted({*wanted, *found}):
        one, other = wanted.get(name), found.get(name)
        if one is None or other is None:
            said.append(f"{name} is in one of the two only")
        elif one.rows != other.rows:
            said.append(f"{name} has {other.rows} rows and not {one.rows}")
        elif one != other:
            said.append(f"{name} has {one.rows} rows in both, and not the same ones")
    return said
