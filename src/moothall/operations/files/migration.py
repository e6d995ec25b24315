"""Lifting files of an old version of the language, or with keys renamed since."""

from __future__ import annotations

from moothall.diagnostics import has_errors
from moothall.failures import CHANGES, INVALID, OK
from moothall.language.migration import lift
from moothall.model.outcome import Report
from moothall.operations.context import Context
from moothall.operations.files import edit_transaction
from moothall.validation.validate import validate


def migrate(context: Context, *, check: bool) -> Report:
    """Return what was changed, and what is to be said about those files now; exit code 3 if that has errors.

    With `check` nothing is written, and the exit code is 2 if there is something to lift.
    """
    with edit_transaction.definitions_lock(context, writes=not check):
        return _lift_files(context, check=check)


def _lift_files(context: Context, *, check: bool) -> Report:
    files = validate(context.root, context.as_of).files
    lifted_texts = {path: lift(path, text) for path, text in files.items()}
    changes: edit_transaction.Changes = {
        path: (files[path], text) for path, text in lifted_texts.items() if text is not None
    }
    if not changes:
        return edit_transaction.answer({}, (), files, written=False)
    after = edit_transaction.resulting_definitions(context, changes)
    findings = [finding for finding in after.diagnostics if finding.primary.span.path in changes]
    if not check:
        edit_transaction.write(context.root, changes)
    answer = edit_transaction.answer(changes, findings, after.files, written=not check)
    code = CHANGES if check else INVALID if has_errors(findings) else OK
    return answer._replace(exit_code=code)
