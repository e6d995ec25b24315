"""The rules for one council: looking at councils one by one finds what looking at all at once does."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from moothall.cache import Cache
from moothall.check.alone import ALONE, TOGETHER, alone, together
from moothall.check.rules import RULES, check
from moothall.diagnostics import Diagnostic
from moothall.model.written import Council, Definitions
from moothall.pipeline import find, load

CASES = Path(__file__).parents[1] / "cases"
PROJECT = Path(__file__).parents[2]
DAY = date(2007, 6, 1)


def definitions(case: Path, root: Path) -> Definitions:
    """Return what a case says, laid over the valid one as `test_cases` does."""
    for layer in (CASES / "valid" / "two-councils", case):
        shutil.copytree(layer, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".moothall"))
    return load(root, DAY).definitions


def one_by_one(found: Definitions) -> set[Diagnostic]:
    """Return what the rules for one council find when no council is in sight, and when only one is."""
    councils = [council for folder in found.folders for council in folder.councils]
    seen = set(alone(found, lambda council: False))
    for one in councils:
        seen |= set(alone(found, lambda council, one=one: council is one))  # type: ignore[misc]
    return seen


def whole(found: Definitions) -> set[Diagnostic]:
    """Return what the rules for one council find when they look at everything."""
    return {finding for rule in ALONE for finding in rule.check(found)}


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*")), ids=lambda case: case.name)
def test_one_council_at_a_time_is_enough(case: Path, tmp_path: Path) -> None:
    """In every case the same is found, whether a rule for one council sees the others' files or their names only."""
    found = definitions(case, tmp_path)

    assert one_by_one(found) == whole(found)


@pytest.mark.parametrize("case", sorted(CASES.glob("invalid/*")), ids=lambda case: case.name)
def test_two_processes_find_what_one_does(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few files count as many, and whether or not two processes have filled the cache."""
    definitions(case, tmp_path)
    one = load(tmp_path, DAY)

    monkeypatch.setattr("moothall.verdicts._MANY", 1)
    cache = Cache(None)
    found = [find(tmp_path, DAY, cache) for _ in range(2)]

    assert [(each.diagnostics, each.waived) for each in found] == [(one.diagnostics, one.waived)] * 2


def test_one_council_at_a_time_is_enough_for_our_own() -> None:
    """So it is for the definitions of the project."""
    found = load(PROJECT, DAY).definitions

    assert one_by_one(found) == whole(found)


def test_no_rule_is_left_out() -> None:
    """Every rule is for one council or for all, and the two parts find what the whole does."""
    found = load(CASES / "invalid" / "file-missing", DAY).definitions

    def every(council: Council) -> bool:
        return True

    assert {*ALONE, *TOGETHER} == {*RULES}
    assert {*alone(found, every), *together(found)} == {*check(found)}
