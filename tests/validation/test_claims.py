"""Partnerships whose claims do not meet: checking all of them finds what checking each of them does."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from moothall.diagnostics import Diagnostic
from moothall.language.checks.scope import Scope
from moothall.language.rules import check
from moothall.model.written import Definitions
from moothall.validation.claims import claims, meet
from moothall.validation.validate import validate

PROJECT = Path(__file__).parents[2]
CASES = PROJECT / "tests" / "cases"
DAY = date(2007, 6, 1)
OTHER = "northumberland-durham"


def parts(whole: Definitions) -> list[Definitions]:
    """Return each partnership with the catalogue."""
    return [whole._replace(folders=(folder,)) for folder in whole.folders]


def found_in(*several: Definitions) -> set[Diagnostic]:
    """Return what the rules that compare partnerships find."""
    return {finding for each in several for finding in check(each, Scope.EVERYWHERE)}


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*")), ids=lambda case: case.name)
def test_what_clashes_has_been_claimed_twice(case: Path, tmp_path: Path) -> None:
    """In every case, with another partnership beside it, the same is found in all as in each, or claims meet."""
    for layer in (CASES / "valid" / "two-councils", case):
        shutil.copytree(layer, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".moothall"))
    shutil.copytree(PROJECT / "partnerships" / OTHER, tmp_path / "partnerships" / OTHER)
    whole = validate(tmp_path, DAY).definitions

    same = found_in(whole) == found_in(whole._replace(folders=()), *parts(whole))

    assert same or meet(map(claims, parts(whole)))


def test_our_own_partnerships_are_apart() -> None:
    """The claims of the project's partnerships do not meet, so that the law says something about them."""
    whole = validate(PROJECT, DAY).definitions

    assert not meet(map(claims, parts(whole)))
    assert found_in(whole) == found_in(*parts(whole))
