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
from moothall.validation.validate import ValidationResult


@dataclass(frozen=True)
class LeaveDateOptions:
    """The first day on which a council is gone, that of its notice if it is said, and how the change is agreed to."""

    leaves: date
    notice_given: date | None
    yes: bool
    dry_run: bool


def write(
    context: Context, options: LeaveDateOptions, validation: ValidationResult, folder: Folder, council: Council
) -> Report:
    """Return what was changed; raises InvalidDefinitions with the findings where the result would be invalid."""
    path = council.origin.document.path
    old_text = validation.files[path]
    new_text = _set(path, old_text, "leaves", options.leaves, behind="joined")
    notice_date = options.notice_given
    if notice_date is None and folder.partnership.exit and council.notice_given is None:
        notice_date = context.as_of
    if notice_date:
        new_text = _set(path, new_text, "notice-given", notice_date, behind="joined")
    if new_text == old_text:
        return edit_transaction.answer({}, (), validation.files, written=False)
    return edit_transaction.change(
        context, validation, {path: (old_text, new_text)}, yes=options.yes, dry_run=options.dry_run
    )


def _set(path: str, text: str, key: str, day: date, *, behind: str) -> str:
    """Return the text with a day in its `spec`, as the new or the only value of the key."""
    document, _ = parse(path, text)
    assert document  # it was sound, and every edit leaves YAML
    if ("spec", key) in document.places:
        return set_value(text, document, ("spec", key), day)
    return insert_key(text, document, ("spec",), key, day, after=behind)
