"""`validate --fix`: every correction that is certain is made, and the rest is reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from moothall.cache import Cache
from moothall.diagnostics import Diagnostic
from moothall.language.edit.files import rewrite
from moothall.language.edit.repair import Repair, repairs
from moothall.language.yaml.yaml12 import parse
from moothall.validation.validate import ValidationResult, validate

ROUNDS = 10
"""A mended file may show what could not be seen before; more layers than this have not been met."""


class FixResult(NamedTuple):
    """The corrected findings, and the validation afterwards; `changes` has the first and last text of each file."""

    validation: ValidationResult
    fixed_findings: tuple[Diagnostic, ...]
    changes: Mapping[str, tuple[str, str]]


def fix(root: Path, as_of: date, cache: Cache) -> FixResult:
    """Correct the files below `root` and check them again, until there is nothing left that is certain."""
    fixed_findings: list[Diagnostic] = []
    changes: dict[str, tuple[str, str]] = {}
    validation = validate(root, as_of, cache)
    for _ in range(ROUNDS):
        certain_repairs = [
            repair for repair in repairs(validation.diagnostics, validation.files) if _is_applicable(repair)
        ]
        if not certain_repairs:
            break
        rewrite(root, {repair.path: (repair.old_text, repair.new_text) for repair in certain_repairs})
        for repair in certain_repairs:
            first, _ = changes.get(repair.path, (repair.old_text, ""))
            changes[repair.path] = (first, repair.new_text)
            fixed_findings += repair.fixed_findings
        validation = validate(root, as_of, cache)
    return FixResult(validation, tuple(fixed_findings), changes)


def _is_applicable(repair: Repair) -> bool:
    """Say whether a file is still YAML after the repair: two certain fixes may not fit together."""
    return parse(repair.path, repair.new_text)[0] is not None
