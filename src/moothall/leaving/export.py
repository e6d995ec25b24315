"""Exporting one tenant: the dump of its database, and its attachments as files, all of one moment."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import NamedTuple

from moothall.leaving.content import PASSING, STATEMENTS, Content, tables
from moothall.leaving.server import Server
from moothall.verify.task import CouldNotRun

DUMP = "database.dump"
ATTACHMENTS = "attachments"
_DUMPED = "dump complete"

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
SELECT concat_ws(E'\\t', 'module', name) FROM ir_module WHERE state = 'activated' ORDER BY name;
\\o
\\! pg_dump -U postgres -d "$DATABASE" --snapshot="$SNAPSHOT" --format=custom --no-owner --no-privileges \
--exclude-table-data='*{PASSING}*' && echo '{_DUMPED}' >&2
"""  # noqa: S608 - made of our own words alone


Attachment = dict[str, object]
"""What is told of an attachment: id, name, resource, type, link, and `path` of the file that holds its data."""


class Exported(NamedTuple):
    """What was exported of one tenant: its tables, its attachments' index, its Tryton modules."""

    tables: Content
    attachments: tuple[Attachment, ...]
    modules: tuple[str, ...]


def export(server: Server, database: str, folder: Path) -> Exported:
    """Write the dump and the attachments of a database into a new folder; raises `CouldNotRun`, OSError."""
    folder.mkdir(parents=True)
    (folder / ATTACHMENTS).mkdir()
    lines: list[str] = []
    attachments: list[Attachment] = []

    def heard(line: str) -> None:
        what, _, rest = line.partition("\t")
        if what == "attachment":
            attachments.append(_attachment(rest, folder))
        else:
            lines.append(line)

    with (folder / DUMP).open("wb") as file:
        server.stream(_SCRIPT, database, file.write, heard)
    if _DUMPED not in lines:
        raise CouldNotRun(f"pg_dump of {database} did not end well: {' '.join(lines[-2:])[:300]}")
    modules = (line.partition("\t")[2] for line in lines if line.startswith("module\t"))
    return Exported(tables(lines), tuple(attachments), tuple(modules))


def _attachment(line: str, folder: Path) -> Attachment:
    """Write an attachment that holds data as a file; return what is told of it, with the file's path."""
    told, _, data = line.partition("\t")
    entry: dict[str, object] = json.loads(told)
    if not data:
        return entry
    path = f"{ATTACHMENTS}/{entry['id']}-{_file_name(str(entry['name']))}"
    (folder / path).write_bytes(base64.b64decode(data))
    return {**entry, "path": path}


def _file_name(name: str) -> str:
    """Return a name that any file system takes, as near to the attachment's own as may be."""
    return re.sub(r"[^A-Za-z0-9_.() -]", "_", name)[-80:].strip() or "attachment"
