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

# Digests are added up, so that no order is needed; rows are text in settings that are the same everywhere.
# `record_out` is how a row is printed, whatever cast somebody has made of its type; `r.*` is one, however its columns
# are called. A table's own query is put together and run by the server, in the tenant's name; what it says is a number
# and digits, and no statement.
STATEMENTS = f"""\
SELECT concat_ws(E'\\t', 'table', json_build_object('table', t.name,
    'rows', (xpath('/row/rows/text()', t.counted))[1]::text::bigint,
    'digest', (xpath('/row/digest/text()', t.counted))[1]::text))
FROM (
    SELECT c.relname AS name, query_to_xml(format(
        'SELECT count(*) AS rows, coalesce(sum((''x'' || left(md5(textin(record_out(r.*))), 15))::bit(60)::bigint), 0)'
        ' AS digest FROM public.%I AS r', c.relname), false, true, '') AS counted
    FROM pg_catalog.pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND position('{PASSING}' IN c.relname) = 0
    ORDER BY c.relname
) t;
"""


_ATTACHMENTS = """\
SELECT json_build_object('id', id, 'sha256', encode(sha256(data), 'hex'))
FROM public.ir_attachment WHERE data IS NOT NULL
"""


class Table(NamedTuple):
    """A table's number of rows, and the sum of its rows' digests as decimal digits."""

    rows: int
    digest: str


Content = Mapping[str, Table]
"""Every table of a database by name."""


def content(session: Session) -> Content:
    """Return what the database of a tenant's session holds now; raises `Inconclusive`."""
    tables_by_name: dict[str, Table] = {}
    lines = Lines(lambda line: tables_by_name.update(tables([line])))
    session.stream(STATEMENTS, lines.add)
    return tables_by_name


def attachments(session: Session) -> dict[str, str]:
    """Return the SHA-256 of each attachment with data in the tenant's database, by its id; raises `Inconclusive`."""
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
