"""Dumping a database, with its table digests, attachments and modules in one snapshot; and restoring a dump."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

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
{STATEMENTS}
SELECT concat_ws(E'\\t', 'attachment', json_build_object('id', id, 'name', name, 'resource', resource, 'type', type,
                 'link', link), translate(encode(data, 'base64'), E'\\n', ''))
FROM ir_attachment ORDER BY id;
SELECT concat_ws(E'\\t', 'module', json_build_object('name', name))
FROM ir_module WHERE state = 'activated' ORDER BY name;
\\o
\\! pg_dump -U postgres -d "$DATABASE" --snapshot="$SNAPSHOT" --format=custom --no-owner --no-privileges \
--exclude-table-data='*{PASSING}*' && echo '{_END_MARK}' >&2
"""


def dump(session: Session, out: Callable[[bytes], object], on_line: Callable[[str], None]) -> None:
    """Hand the dump of the session's database to `out` piece by piece, and each line about it to `on_line`.

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


def dump_to_file(database: str, file: str) -> Sequence[str]:
    """Return the command that writes a dump of a database to a file, in the container of its server."""
    return ["pg_dump", "-U", "postgres", "-Fc", "-f", file, database]


def restore_from_file(database: str, role: str, file: str, *more: str) -> Sequence[str]:
    """Return the command that fills a database as a role from the dump in a file, in the container of its server."""
    options = ["--no-owner", "--exit-on-error", *more]
    return ["pg_restore", "-U", "postgres", "-d", database, f"--role={role}", *options, file]
