"""What is in a tenant's database, in numbers by which two copies are compared: rows and a digest for each table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from moothall.postgres.lines import Lines, members, unexpected_answer
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


_ATTACHMENTS = """\
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
    tables_by_name: dict[str, Table] = {}
    lines = Lines(lambda line: tables_by_name.update(tables([line])))
    session.stream(STATEMENTS, lines.add)
    return tables_by_name


def attachments(session: Session) -> dict[str, str]:
    """Return the SHA-256 of each attachment with data in the session's database, by its id; raises `Inconclusive`."""
    digests: dict[str, str] = {}

    def take_line(line: str) -> None:
        members_of_line = members(line, id=(int,), sha256=(str,))
        digests[str(members_of_line["id"])] = members_of_line["sha256"]

    session.stream(_ATTACHMENTS, Lines(take_line).add)
    return digests


def tables(lines: Iterable[str]) -> Content:
    """Parse the table lines in the output of `STATEMENTS`; other lines are ignored.

    Raises `Inconclusive` for a malformed table line.
    """
    return dict(_table(line.partition("\t")[2]) for line in lines if line.startswith("table\t"))


def _table(text: str) -> tuple[str, Table]:
    row = members(text, table=(str,), rows=(int,), digest=(str,))
    if row["rows"] < 0 or not _DIGITS.fullmatch(row["digest"]):
        raise unexpected_answer(text)
    return row["table"], Table(row["rows"], row["digest"])


def differences(expected: Content, actual: Content) -> list[str]:
    """Return in words where two copies differ; nothing when they are equal."""
    lines = []
    for name in sorted({*expected, *actual}):
        expected_table, actual_table = expected.get(name), actual.get(name)
        if expected_table is None or actual_table is None:
            lines.append(f"{name} is in one of the two only")
        elif expected_table.rows != actual_table.rows:
            lines.append(f"{name} has {actual_table.rows} rows and not {expected_table.rows}")
        elif expected_table != actual_table:
            lines.append(f"{name} has {expected_table.rows} rows in both, and not the same ones")
    return lines
