"""A change of files: tried on a copy, shown, asked about, and only then written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from moothall.diagnostics import Diagnostic, has_errors
from moothall.language.edit import lock
from moothall.language.edit.files import create, rewrite
from moothall.model.outcome import InvalidDefinitions, Report
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.files.scratch_copy import trial
from moothall.report.diagnostics.view import answer as diagnostics_answer
from moothall.report.edit.view import KIND, view
from moothall.validation.validate import ValidationResult, validate

Changes = Mapping[str, tuple[str | None, str]]
"""By path below the root: the text before, None where there is no file, and the text after."""


def definitions_lock(context: Context, *, writes: bool) -> AbstractContextManager[None]:
    """Hold the definitions from before they are read until the change is written, if this `writes` at all."""
    return lock.exclusive_lock(context.root, context.progress.stage) if writes else nullcontext()


def change(context: Context, before: ValidationResult, changes: Changes, *, yes: bool, dry_run: bool) -> Report:
    """Make a change, unless the definitions would be invalid then, and return what was changed.

    Raises InvalidDefinitions with the findings where they would be, and OperationError when nobody agrees or a file
    cannot be written; in every such case nothing has been written. `before` is what there is now.
    """
    after = resulting_definitions(context, changes)
    findings = new_findings(before, after)
    if has_errors(findings):
        context.progress.stage("refused, nothing was written: the definitions would be invalid")
        raise InvalidDefinitions(diagnostics_answer(findings, after.files))
    preview = answer(changes, findings, after.files, written=False)
    if dry_run:
        return preview
    confirm(
        context.progress,
        preview,
        "Write this? Only 'yes' goes on: ",
        given_answer="yes" if yes else None,
        refusal="the change was not agreed to",
        no_answer="nobody agreed to the change",
        state="Nothing was written.",
        hint="add --yes, or --dry-run to see it",
    )
    write(context.root, changes)
    return answer(changes, findings, after.files, written=True)


def resulting_definitions(context: Context, changes: Changes) -> ValidationResult:
    """Return the validated definitions as they would be after the changes, which are made on a copy."""
    with trial(context.root) as copy:
        for path, (_, text) in changes.items():
            (copy / path).parent.mkdir(exist_ok=True)
            (copy / path).write_bytes(text.encode())
        return validate(copy, context.as_of)


def write(root: Path, changes: Changes) -> None:
    """Write the changes; raises OperationError when that cannot be done."""
    rewrite(root, {path: (before, after) for path, (before, after) in changes.items() if before is not None})
    for path, (before, after) in changes.items():
        if before is None:
            create(root / path, after)


def new_findings(before: ValidationResult, after: ValidationResult) -> tuple[Diagnostic, ...]:
    """Return the findings that there were not before; what only moved to another line is not new."""
    known_findings = {(finding.rule, finding.primary.span.path, finding.summary) for finding in before.diagnostics}
    return tuple(
        finding
        for finding in after.diagnostics
        if (finding.rule, finding.primary.span.path, finding.summary) not in known_findings
    )


def answer(changes: Changes, findings: Sequence[Diagnostic], files: Mapping[str, str], *, written: bool) -> Report:
    """Return the answer: the files that change with their diff, and what is to be said about it."""
    return Report(KIND, view(changes, findings, files, written=written))
