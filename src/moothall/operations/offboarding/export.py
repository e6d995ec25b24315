"""Exporting one tenant: the dump of its database, and its attachments as files, all of one moment."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from moothall import private
from moothall.failures import Inconclusive
from moothall.operations.offboarding.export_files import Files, new_folder
from moothall.postgres.content import Content, Table, tables
from moothall.postgres.dump import dump
from moothall.postgres.lines import members, unexpected_answer
from moothall.postgres.session import Session

DUMP = "database.dump"
ATTACHMENTS = "attachments"
Attachment = dict[str, object]
"""The index entry of an attachment: id, name, resource, type, link, and `path` of the file that holds its data."""


class DatabaseExport(NamedTuple):
    """What was exported of one tenant: its tables, its attachments' index, its Tryton modules."""

    tables: Content
    attachments: tuple[Attachment, ...]
    modules: tuple[str, ...]


def export(session: Session, folder: Path) -> DatabaseExport:
    """Write the dump and the attachments of the session's database into a new folder; raises Inconclusive, OSError."""
    private.folder(folder)
    with (
        _name_database_in_errors(session.database),
        new_folder(folder / ATTACHMENTS) as files,
        private.open_private(folder / DUMP) as file,
    ):
        output = _ScriptOutput(files)
        dump(session, file.write, output.take)
    return DatabaseExport(output.tables, tuple(output.attachments), tuple(output.modules))


@contextmanager
def _name_database_in_errors(database: str) -> Iterator[None]:
    """Name the database in the message of an Inconclusive."""
    try:
        yield
    except Inconclusive as reason:
        raise Inconclusive(f"{database} cannot be exported: {reason}") from reason


class _ScriptOutput:
    """The output of the dump's script, each line used as it comes."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.tables: dict[str, Table] = {}
        self.attachments: list[Attachment] = []
        self.modules: list[str] = []

    def take(self, line: str) -> None:
        kind, _, rest = line.partition("\t")
        if kind == "attachment":
            self.attachments.append(_attachment(rest, self._files))
        elif kind == "table":
            self.tables |= tables([line])
        else:
            self.modules.append(members(rest, name=(str,))["name"])


def _attachment(line: str, files: Files) -> Attachment:
    """Write an attachment that holds data as a file; return its index entry, with the file's path."""
    description, _, data = line.partition("\t")
    text = (str, type(None))
    entry = members(description, id=(int,), name=text, resource=text, type=text, link=text)
    if entry["id"] < 0:
        raise unexpected_answer(description)
    if not data:
        return entry
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise unexpected_answer(data) from None
    name = f"{entry['id']}-{_file_name(entry['name'] or '')}"
    files.write(name, content)
    return {**entry, "path": f"{ATTACHMENTS}/{name}"}


def _file_name(name: str) -> str:
    """Return a name that any file system takes, as near to the attachment's own as may be."""
    return re.sub(r"[^A-Za-z0-9_.() -]", "_", name)[-80:].strip() or "attachment"
