"""`validate --fix`: every correction that is certain is made, and the rest is told."""

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
from moothall.validation.validate import Loaded, validate

ROUNDS = 10
"""A mended file may show what could not be seen before; more layers than this have not been met."""


class Fixed(NamedTuple):
    """What was corrected, and what is there afterwards; `changes` has the first and last text of each file."""

    loaded: Loaded
    fixed: tuple[Diagnostic, ...]
    changes: Mapping[str, tuple[str, str]]


def fix(root: Path, as_of: date, cache: Cache) -> Fixed:
    """Correct the files below `root` and check them again, until there is nothing left that is certain."""
    fixed: list[Diagnostic] = []
    changes: dict[str, tuple[str, str]] = {}
    loaded = validate(root, as_of, cache)
    for _ in range(ROUNDS):
        found = [repair for repair in repairs(loaded.diagnostics, loaded.files) if _may_be_made(repair)]
        if not found:
            break
        rewrite(root, {repair.path: (repair.before, repair.after) for repair in found})
        for repair in found:
            first, _ = changes.get(repair.path, (repair.before, ""))
            changes[repair.path] = (first, repair.after)
            fixed += repair.fixed
        loaded = validate(root, as_of, cache)
    return Fixed(loaded, tuple(fixed), changes)


def _may_be_made(repair: Repair) -> bool:
    """Say whether a file is still YAML after the repair: two certain fixes may not fit together."""
    return parse(repair.path, repair.after)[0] is not None
