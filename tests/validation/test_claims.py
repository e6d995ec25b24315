"""Partnerships whose claims do not meet: checking all of them finds what checking each of them does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from moothall.check.rules import check
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions
from moothall.validation.claims import Claims, claims, meet
from moothall.validation.validate import validate

PROJECT = Path(__file__).parents[2]
CASES = PROJECT / "tests" / "cases"
DAY = date(2007, 6, 1)
OTHER = "northumberland-durham"


def one_by_one(found: Definitions) -> set[Diagnostic]:
    """Return what is found in each partnership with the catalogue, and in the catalogue alone."""
    parts: Iterator[Definitions] = (found._replace(folders=(folder,)) for folder in found.folders)
    return {finding for part in (found._replace(folders=()), *parts) for finding in check(part)}


def claimed(found: Definitions) -> list[Claims]:
    """Return what each partnership lays claim to."""
    return [claims(found._replace(folders=(folder,))) for folder in found.folders]


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*")), ids=lambda case: case.name)
def test_one_partnership_at_a_time_is_enough(case: Path, tmp_path: Path) -> None:
    """In every case, with another partnership beside it, the same is found, or claims meet."""
    for layer in (CASES / "valid" / "two-councils", case):
        shutil.copytree(layer, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".moothall"))
    shutil.copytree(PROJECT / "partnerships" / OTHER, tmp_path / "partnerships" / OTHER)
    found = validate(tmp_path, DAY).definitions

    same = one_by_one(found) == set(check(found))

    assert same or meet(claimed(found))


def test_our_own_partnerships_are_apart() -> None:
    """The claims of the project's partnerships do not meet, so that the law says something about them."""
    found = validate(PROJECT, DAY).definitions

    assert not meet(claimed(found))
    assert one_by_one(found) == set(check(found))
