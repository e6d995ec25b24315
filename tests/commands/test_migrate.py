"""`migrate` lifts a whole partnership of the first version of the language, and nothing else changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.commands.front_door import ALSTON, PARTNERSHIP, PROJECT, contents, moothall, replace, sound_root

from moothall.failures import CHANGES, INVALID, OK

CASE = PROJECT / "tests" / "cases" / "migrate"
MODULE = "modules/finance/module.yaml"
FILES = f"{MODULE}, {ALSTON}, {PARTNERSHIP}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a partnership of the first version."""
    shutil.copytree(CASE / "before", tmp_path / "root")
    return tmp_path / "root"


def test_an_old_file_is_named_once_and_nothing_else_of_it(root: Path) -> None:
    """What the current version says of its keys would only hide what is to be done."""
    ran = moothall("validate", root)

    assert ran.returncode == INVALID
    assert ran.stdout.count("error[old-version]") == 3
    assert "3 errors, 0 warnings" in ran.stdout


def test_files_are_lifted_to_the_byte(root: Path) -> None:
    """Blocks and brackets, quotes, comments, order and CRLF stay; what is of the current version is not touched."""
    ran = moothall("migrate", root)

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert ran.stdout.endswith(f"\nwritten: {FILES}\n")
    assert contents(root) == contents(CASE / "after")
    assert moothall("validate", root).returncode == OK


def test_a_second_time_there_is_nothing_to_do(root: Path) -> None:
    """Lifting is done once."""
    moothall("migrate", root)

    again = moothall("migrate", root)

    assert (again.returncode, again.stdout) == (OK, "nothing to change\n")
    assert moothall("migrate", root, "--check").returncode == OK


def test_check_writes_nothing_and_tells_by_its_exit_code(root: Path) -> None:
    """For continuous integration."""
    before = contents(root)

    ran = moothall("migrate", root, "--check")

    assert ran.returncode == CHANGES
    assert ran.stdout.endswith(f"\nnot written: {FILES}\n")
    assert '"keep": {full: 2}' in ran.stdout
    assert contents(root) == before


def test_what_is_wrong_with_a_lifted_file_is_told(root: Path) -> None:
    """It was hidden as long as the file was old."""
    replace(root, PARTNERSHIP, "owner: barton", "ownr: barton")

    ran = moothall("migrate", root)

    assert ran.returncode == INVALID
    assert "error[unknown-key]" in ran.stdout
    assert b"moothall/v1'" in contents(root)[PARTNERSHIP]


@pytest.mark.parametrize("value", ["{a: 1}", "two", "2, keep: {full: 3}"])
def test_what_cannot_be_lifted_is_left_for_validate_to_tell(root: Path, value: str) -> None:
    """A value that was wrong in the old version too."""
    replace(root, PARTNERSHIP, '"keep-full": 2,}', f'"keep-full": {value}}}')

    ran = moothall("migrate", root)

    assert ran.returncode == INVALID
    assert 'has no key "keep-full"' in ran.stdout
    assert b"keep: {full: 12} # a year" in contents(root)[PARTNERSHIP]


def test_a_file_of_the_current_version_gets_the_new_names(tmp_path: Path) -> None:
    """Its version stays; what is wrong below an old name is told when that is gone."""
    root = sound_root(tmp_path)
    right = contents(root)
    replace(root, PARTNERSHIP, "local-access: ", "desk: ")
    replace(root, PARTNERSHIP, "published-port: 8443", "desk-port: 80")
    named = moothall("validate", root).stdout

    ran = moothall("migrate", root)

    assert (named.count("error["), named.count("error[renamed-key]")) == (2, 2)
    assert ran.returncode == INVALID
    assert 'error[wrong-value]: "80" is not a port' in ran.stdout
    replace(root, PARTNERSHIP, "published-port: 80", "published-port: 8443")
    assert contents(root) == right


@pytest.mark.parametrize("both", ["desk-port: 8444\n      published-port", "published-port: 8444\n      desk-port"])
def test_of_two_names_for_one_key_people_choose(tmp_path: Path, both: str) -> None:
    """Neither verb knows which value is true."""
    root = sound_root(tmp_path)
    replace(root, PARTNERSHIP, "published-port", both)
    before = contents(root)

    ran = moothall("migrate", root)

    assert (ran.returncode, ran.stdout) == (OK, "nothing to change\n")
    assert moothall("validate", root, "--fix").stdout.count('"published-port" stands here too: remove one') == 1
    assert contents(root) == before


def test_the_projects_own_catalogue_is_left_alone(tmp_path: Path) -> None:
    """A root without modules uses it, and does not own it."""
    root = sound_root(tmp_path)
    shutil.rmtree(root / "modules")
    replace(root, ALSTON, "moothall/v1", "moothall/v1alpha1")

    ran = moothall("migrate", root)

    assert ran.returncode == OK
    assert ran.stdout.endswith(f"\nwritten: {ALSTON}\n")
