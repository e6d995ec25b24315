"""Dumping a database, with its table digests, attachments and modules in one snapshot; and restoring a dump."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from moothall.docker_engine.errors import last_line
from moothall.failures import Inconclusive
from moothall.postgres.content import PASSING, STATEMENTS
from moothall.postgres.session import Session

_END_MARK = "dump complete"
_LINE_KINDS = ("attachment", "module", "table")
"""First words of the lines about the database; other lines are messages of programs."""

# One snapshot for the numbers, the attachments and pg_dump, which psql starts and whose bytes take psql's place on the
# output; all text goes to the error stream. psql 15 does not learn how pg_dump ended, so the last line tells.
_SCRIPT = f"""\
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \\gset
\\setenv SNAPSHOT :snapshot
\\o |cat >&2
{STATEMENTS}\
SELECT concat_ws(E'\\t', 'attachment', json_build_object('id', id, 'name', name, 'resource', resource, 'type', type,
                 'link', link), translate(encode(data, 'base64'), E'\\n', ''))
FROM public.ir_attachment ORDER BY id;
SELECT concat_ws(E'\\t', 'module', json_build_object('name', name))
FROM public.ir_module WHERE state = 'activated' ORDER BY name;
\\o
\\! pg_dump -U "$ROLE" -d "$DATABASE" --snapshot="$SNAPSHOT" --format=custom --no-owner --no-privileges \
--exclude-table-data='*{PASSING}*' && echo '{_END_MARK}' >&2
"""


def dump(session: Session, out: Callable[[bytes], object], on_line: Callable[[str], None]) -> None:
    """Hand the dump of a tenant's database to `out` piece by piece, and each line about it to `on_line`.

    The lines are of `content.STATEMENTS`, `attachment` with its data and `module`, each with its words behind a tab.
    Raises Inconclusive unless the dump is whole.
    """
    last_lines = deque[str](maxlen=2)

    def take_line(line: str) -> None:
        if line.partition("\t")[0] in _LINE_KINDS:
            on_line(line)
        else:
            last_lines.append(line)

    session.stream(_SCRIPT, out, take_line)
    if _END_MARK not in last_lines:
        raise Inconclusive(f"pg_dump did not end well: {' '.join(last_lines)[:300]}")


def dump_to_file(session: Session, file: str) -> None:
    """Dump a tenant's database to a file in the container of its server. Raises Inconclusive."""
    code, output = session.program("pg_dump", "-Fc", "-f", file)
    if code:
        raise Inconclusive(f"pg_dump in {session.container} ended with {code}: {last_line(output)}")


def restore_from_file(session: Session, file: str, *more: str) -> tuple[int, str]:
    """Fill a tenant's database from the dump in a file in the container of its server; return pg_restore's exit code
    and output.

    What a dump runs (checks, expressions of indexes, defaults) runs as the tenant. Raises Inconclusive.
    """
    return session.program("pg_restore", "--no-owner", "--exit-on-error", *more, file)
