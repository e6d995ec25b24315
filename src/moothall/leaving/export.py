"""Exporting one tenant: the dump of its database, and its attachments as files, all of one moment."""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from moothall import private
from moothall.failures import CouldNotRun
from moothall.leaving.content import PASSING, STATEMENTS, Content, Table, tables
from moothall.leaving.files import Files, new_folder
from moothall.leaving.lines import members, unlike
from moothall.leaving.server import Server

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
SELECT concat_ws(E'\\t', 'module', json_build_object('name', name))
FROM ir_module WHERE state = 'activated' ORDER BY name;
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
    private.folder(folder)
    with _refusing(database), new_folder(folder / ATTACHMENTS) as files, private.opened(folder / DUMP) as file:
        heard = _Heard(files)
        server.stream(_SCRIPT, database, file.write, heard.take)
        if _DUMPED not in heard.said:
            raise CouldNotRun(f"pg_dump did not end well: {' '.join(heard.said)[:300]}")
    return Exported(heard.tables, tuple(heard.attachments), tuple(heard.modules))


@contextmanager
def _refusing(database: str) -> Iterator[None]:
    """Say of which database it is that something could not be taken."""
    try:
        yield
    except CouldNotRun as reason:
        raise CouldNotRun(f"{database} cannot be exported: {reason}") from reason


class _Heard:
    """What the script's lines tell, each used as it comes; of others the last are kept, for what went wrong."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.tables: dict[str, Table] = {}
        self.attachments: list[Attachment] = []
        self.modules: list[str] = []
        self.said: deque[str] = deque(maxlen=2)

    def take(self, line: str) -> None:
        what, _, rest = line.partition("\t")
        if what == "attachment":
            self.attachments.append(_attachment(rest, self._files))
        elif what == "table":
            self.tables |= tables([line])
        elif what == "module":
            self.modules.append(members(rest, name=(str,))["name"])
        else:
            self.said.append(line)


def _attachment(line: str, files: Files) -> Attachment:
    """Write an attachment that holds data as a file; return what is told of it, with the file's path."""
    told, _, data = line.partition("\t")
    text = (str, type(None))
    entry = members(told, id=(int,), name=text, resource=text, type=text, link=text)
    if entry["id"] < 0:
        raise unlike(told)
    if not data:
        return entry
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise unlike(data) from None
    name = f"{entry['id']}-{_file_name(entry['name'] or '')}"
    files.write(name, content)
    return {**entry, "path": f"{ATTACHMENTS}/{name}"}


def _file_name(name: str) -> str:
    """Return a name that any file system takes, as near to the attachment's own as may be."""
    return re.sub(r"[^A-Za-z0-9_.() -]", "_", name)[-80:].strip() or "attachment"
