"""What a cut-over begins with: the use that replaces a system, and the extract in its folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from moothall.cutover.checks import check
from moothall.cutover.extract import COLUMNS, Extract, read
from moothall.diagnostics import in_order
from moothall.failures import USAGE, OperationError
from moothall.model.outcome import InvalidDefinitions
from moothall.model.written import Use
from moothall.operations.context import Context
from moothall.report.diagnostics.view import answer
from moothall.validation.validate import ValidationResult


def replacing_use(context: Context, validation: ValidationResult, council: str, instance: str) -> tuple[Use, date]:
    """Return the use that replaces a system, and the day it begins. Raises OperationError when there is none."""
    key = (council, instance)
    uses = {
        (member.metadata.name, use.instance): (use, use.start or member.joined)
        for folder in validation.definitions.folders
        if context.partnership in (None, folder.partnership.metadata.name)
        for member in folder.councils
        for use in member.uses.values()
        if use.replaces and not use.planned
    }
    if key in uses:
        return uses[key]
    replacements = ", ".join(" ".join(names) for names in sorted(uses)) or "none"
    what = f"{' '.join(key)} replaces no other system by a day; of those that do there are: {replacements}"
    raise OperationError(what, hint=f"moothall explain {council}", exit_code=USAGE)


def read_extract(folder: Path) -> Extract:
    """Return the extract in a folder. Raises InvalidDefinitions with every finding when it is not sound."""
    reading = read(folder.as_posix(), dict(_contents(folder)))
    findings = in_order([*reading.findings, *check(reading.extract, complete=not reading.findings)])
    if findings:
        raise InvalidDefinitions(answer(findings, reading.texts))
    return reading.extract


def _contents(folder: Path) -> list[tuple[str, bytes]]:
    """Return the files of an extract that are there. Raises OperationError for one that cannot be read."""
    try:
        return [(name, (folder / name).read_bytes()) for name in COLUMNS if (folder / name).exists()]
    except OSError as error:
        raise OperationError(f"{error.filename} cannot be read: {error.strerror}", hint=f"ls -l {folder}") from error
