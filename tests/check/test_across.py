"""Partnerships whose claims do not meet: checking all of them finds what checking each of them does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from moothall.check.across import apart, claims, meet
from moothall.check.rules import check
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions
from moothall.pipeline import load

PROJECT = Path(__file__).parents[2]
CASES = PROJECT / "tests" / "cases"
DAY = date(2007, 6, 1)
OTHER = "northumberland-durham"


def one_by_one(found: Definitions) -> set[Diagnostic]:
    """Return what is found in each partnership with the catalogue, and in the catalogue alone."""
    parts: Iterator[Definitions] = (found._replace(folders=(folder,)) for folder in found.folders)
    return {finding for part in (found._replace(folders=()), *parts) for finding in check(part)}


def test_every_rule_is_told_apart() -> None:
    """Every rule that there is looks across partnerships or not."""
    assert apart()


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*")), ids=lambda case: case.name)
def test_one_partnership_at_a_time_is_enough(case: Path, tmp_path: Path) -> None:
    """In every case, with another partnership beside it, the same is found, or claims meet."""
    for layer in (CASES / "valid" / "two-councils", case):
        shutil.copytree(layer, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".moothall"))
    shutil.copytree(PROJECT / "partnerships" / OTHER, tmp_path / "partnerships" / OTHER)
    found = load(tmp_path, DAY).definitions

    same = one_by_one(found) == set(check(found))

    assert same or meet(claims(found, folder) for folder in found.folders)


def test_our_own_partnerships_are_apart() -> None:
    """The claims of the project's partnerships do not meet, so that the law says something about them."""
    found = load(PROJECT, DAY).definitions

    assert not meet(claims(found, folder) for folder in found.folders)
    assert one_by_one(found) == set(check(found))
