"""Each rule keeps to its scope: it finds the same when it sees one council, or one partnership, at a time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from moothall.diagnostics import Diagnostic
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.rules import RULES
from moothall.model.written import Council, Definitions, Folder
from moothall.validation.validate import validate

PROJECT = Path(__file__).parents[3]
CASES = PROJECT / "tests" / "cases"
DAY = date(2007, 6, 1)
OTHER = "northumberland-durham"


def found_by(scope: Scope, *parts: Definitions) -> set[Diagnostic]:
    """Return what the rules of a scope find in any of the parts."""
    return {finding for part in parts for rule in RULES if rule.SCOPE is scope for finding in rule.check(part)}


def by_council(whole: Definitions) -> Iterator[Definitions]:
    """Yield the definitions with the names of all councils, but of no file or just one council's."""
    councils = [council for folder in whole.folders for council in folder.councils]
    for one in (None, *councils):
        yield whole._replace(folders=tuple(with_only(folder, one) for folder in whole.folders))


def with_only(folder: Folder, one: Council | None) -> Folder:
    """Return a partnership with nothing but the names of its councils, except for one."""
    seen = tuple(council for council in folder.councils if council is one)
    return folder._replace(councils=seen, unread_councils=symbols.councils(folder))


def by_partnership(whole: Definitions) -> Iterator[Definitions]:
    """Yield the module catalogue alone, and with each partnership."""
    yield whole._replace(folders=())
    for folder in whole.folders:
        yield whole._replace(folders=(folder,))


def kept_to(whole: Definitions) -> None:
    """Hold all rules to their scopes in some definitions."""
    assert found_by(Scope.COUNCIL, *by_council(whole)) == found_by(Scope.COUNCIL, whole)
    assert found_by(Scope.PARTNERSHIP, *by_partnership(whole)) == found_by(Scope.PARTNERSHIP, whole)


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*")), ids=lambda case: case.name)
def test_every_rule_keeps_to_its_scope(case: Path, tmp_path: Path) -> None:
    """In every case, with another partnership beside it."""
    for layer in (CASES / "valid" / "two-councils", case):
        shutil.copytree(layer, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".moothall"))
    shutil.copytree(PROJECT / "partnerships" / OTHER, tmp_path / "partnerships" / OTHER)

    kept_to(validate(tmp_path, DAY).definitions)


def test_every_rule_keeps_to_its_scope_in_our_own() -> None:
    """So it is for the definitions of the project."""
    kept_to(validate(PROJECT, DAY).definitions)
