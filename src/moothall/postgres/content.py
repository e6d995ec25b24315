"""What is in a tenant's database, in numbers by which two copies are compared: rows and a digest for each table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from moothall.postgres.lines import Lines, members, unlike
from moothall.postgres.session import Session

PASSING = "session"
"""Tables of this in their name hold who is signed in at the moment; that is nobody's record, and lets people in."""
_DIGITS = re.compile(r"-?[0-9]+")

# Digests are added up, so that no order is needed; rows are compared as text in settings that are the same everywhere.
STATEMENTS = f"""\
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET extra_float_digits = 1;
SELECT format('SELECT concat_ws(E''\\t'', ''table'', json_build_object(''table'', %L::text, ''rows'', count(*),'
              ' ''digest'', coalesce(sum((''x'' || left(md5(r::text), 15))::bit(60)::bigint), 0)::text))'
              ' FROM %I.%I AS r', relname, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public' AND position('{PASSING}' IN relname) = 0 ORDER BY relname \\gexec
"""


_ATTACHED = """\
SELECT json_build_object('id', id, 'sha256', encode(sha256(data), 'hex')) FROM ir_attachment WHERE data IS NOT NULL
"""


class Table(NamedTuple):
    """A table's number of rows, and the sum of its rows' digests as decimal digits."""

    rows: int
    digest: str


Content = Mapping[str, Table]
"""Every table of a database by name."""


def content(session: Session) -> Content:
    """Return what the session's database holds now; raises `Inconclusive`."""
    found: dict[str, Table] = {}
    lines = Lines(lambda line: found.update(tables([line])))
    session.stream(STATEMENTS, lines.add)
    return found


def attachments(session: Session) -> dict[str, str]:
    """Return the SHA-256 of each attachment with data in the session's database, by its id; raises `Inconclusive`."""
    found: dict[str, str] = {}

    def heard(line: str) -> None:
        each = members(line, id=(int,), sha256=(str,))
        found[str(each["id"])] = each["sha256"]

    session.stream(_ATTACHED, Lines(heard).add)
    return found


def tables(lines: Iterable[str]) -> Content:
    """Return the tables that the lines of `STATEMENTS` tell of; other lines are passed over.

    Raises `Inconclusive` for a line that tells of a table and is not as it was asked for.
    """
    return dict(_table(line.partition("\t")[2]) for line in lines if line.startswith("table\t"))


def _table(text: str) -> tuple[str, Table]:
    told = members(text, table=(str,), rows=(int,), digest=(str,))
    if told["rows"] < 0 or not _DIGITS.fullmatch(told["digest"]):
        raise unlike(text)
    return told["table"], Table(told["rows"], told["digest"])


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
