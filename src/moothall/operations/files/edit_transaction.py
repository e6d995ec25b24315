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
from moothall.report.diagnostics.view import answer as findings
from moothall.report.edit.view import KIND, view
from moothall.validation.validate import Loaded, validate

Changes = Mapping[str, tuple[str | None, str]]
"""By path below the root: the text before, None where there is no file, and the text after."""


def alone(context: Context, *, writes: bool) -> AbstractContextManager[None]:
    """Hold the definitions from before they are read until the change is written, if this `writes` at all."""
    return lock.alone(context.root, context.progress.stage) if writes else nullcontext()


def change(context: Context, before: Loaded, changes: Changes, *, yes: bool, dry_run: bool) -> Report:
    """Make a change, unless the definitions would be invalid then, and return what was changed.

    Raises InvalidDefinitions with the findings where they would be, and OperationError when nobody agrees or a file
    cannot be written; in every such case nothing has been written. `before` is what there is now.
    """
    after = tried(context, changes)
    said = new_findings(before, after)
    if has_errors(said):
        context.progress.stage("refused, nothing was written: the definitions would be invalid")
        raise InvalidDefinitions(findings(said, after.files))
    shown = answer(changes, said, after.files, written=False)
    if dry_run:
        return shown
    confirm(
        context.progress,
        shown,
        "Write this? Only 'yes' goes on: ",
        given="yes" if yes else None,
        refused="the change was not agreed to",
        nobody="nobody agreed to the change",
        state="Nothing was written.",
        hint="add --yes, or --dry-run to see it",
    )
    write(context.root, changes)
    return answer(changes, said, after.files, written=True)


def tried(context: Context, changes: Changes) -> Loaded:
    """Return what the definitions would be after the changes; they are made on a copy."""
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


def new_findings(before: Loaded, after: Loaded) -> tuple[Diagnostic, ...]:
    """Return the findings that there were not before; what only moved to another line is not new."""
    known = {(each.rule, each.primary.span.path, each.summary) for each in before.diagnostics}
    return tuple(each for each in after.diagnostics if (each.rule, each.primary.span.path, each.summary) not in known)


def answer(changes: Changes, said: Sequence[Diagnostic], files: Mapping[str, str], *, written: bool) -> Report:
    """Return the answer: the files that change with their diff, and what is to be said about it."""
    return Report(KIND, view(changes, said, files, written=written))
