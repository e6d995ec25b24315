"""Writing into a council's file that it leaves, and the day of its notice where the terms ask for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from moothall.language.edit.mappings import insert_key, set_value
from moothall.language.yaml.yaml12 import parse
from moothall.model.outcome import Report
from moothall.model.written import Council, Folder
from moothall.operations.context import Context
from moothall.operations.files import edit_transaction
from moothall.validation.validate import Loaded


@dataclass(frozen=True)
class LeaveDateOptions:
    """The first day on which a council is gone, that of its notice if it is said, and how the change is agreed to."""

    leaves: date
    notice_given: date | None
    yes: bool
    dry_run: bool


def write(context: Context, options: LeaveDateOptions, loaded: Loaded, folder: Folder, council: Council) -> Report:
    """Return what was changed; raises InvalidDefinitions with the findings where the result would be invalid."""
    path = council.origin.document.path
    before = loaded.files[path]
    after = _set(path, before, "leaves", options.leaves, behind="joined")
    notice = options.notice_given
    if notice is None and folder.partnership.exit and council.notice_given is None:
        notice = context.as_of
    if notice:
        after = _set(path, after, "notice-given", notice, behind="joined")
    if after == before:
        return edit_transaction.answer({}, (), loaded.files, written=False)
    return edit_transaction.change(context, loaded, {path: (before, after)}, yes=options.yes, dry_run=options.dry_run)


def _set(path: str, text: str, key: str, when: date, *, behind: str) -> str:
    """Return the text with a day in its `spec`, as the new or the only value of the key."""
    document, _ = parse(path, text)
    assert document  # it was sound, and every edit leaves YAML
    if ("spec", key) in document.places:
        return set_value(text, document, ("spec", key), when)
    return insert_key(text, document, ("spec",), key, when, after=behind)
