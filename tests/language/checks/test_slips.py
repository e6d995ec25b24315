"""One slip of the hand in sound definitions, and what `validate --fix` makes of it: as it was before, or nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from random import Random

import pytest

from moothall import paths
from moothall.cache import Cache
from moothall.language.yaml.yaml12 import parse
from moothall.operations.files.corrections import fix

DAY = date(2008, 6, 1)
SHIPPED = paths.PROJECT / "partnerships"
BASE = paths.PROJECT / "tests" / "cases" / "valid" / "two-councils"
SLIPS = int(os.environ.get("MOOTHALL_SLIPS", "25"))
"""Slips for each root."""
KEYBOARD = "abcdefghijklmnopqrstuvwxyzACDHLN0123456789-_/: "
"""What a finger meets beside the right key; a point between digits is what programs write: 2.0 is mended to 2."""
DALES = "partnerships/dales/partnership.yaml"
COUNTIES = "partnerships/northumberland-durham/partnership.yaml"


def texts(root: Path) -> dict[Path, str]:
    """Return the text of every definition."""
    return {file: file.read_text(encoding="utf-8") for file in sorted(root.rglob("*.yaml"))}


def slipped(text: str, random: Random) -> str:
    """Return the text with one letter of a line that is no comment dropped, added, changed or swapped with the next."""
    places = [match.start() for match in re.finditer(r"[\w./-](?=.)", text) if not commented(text, match.start())]
    at = random.choice(places)
    here, following, new = text[at], text[at + 1], random.choice(KEYBOARD)
    before, after = text[:at], text[at + 2 :]
    return before + random.choice((following, new + here + following, new + following, following + here)) + after


def commented(text: str, at: int) -> bool:
    """Say whether a place lies behind a `#` on its line."""
    return "#" in text[text.rfind("\n", 0, at) + 1 : at]


def differing(before: Mapping[Path, str], after: Mapping[Path, str]) -> list[Path]:
    """Return the files that differ."""
    return [file for file in before if before[file] != after[file]]


def meant(text: str) -> object:
    """Return the data in a text: a space before a colon means nothing."""
    document, findings = parse("a.yaml", text)
    return document.data if document else findings


def roots() -> Iterator[str]:
    """Yield the sound roots: the small one, and each partnership that we ship."""
    yield "two-councils"
    yield from sorted(folder.name for folder in SHIPPED.iterdir())


def copy(name: str, root: Path) -> Path:
    """Make a root of the small one, or of a partnership that we ship."""
    if name == "two-councils":
        shutil.copytree(BASE, root)
    else:
        shutil.copytree(SHIPPED / name, root / "partnerships" / name)
    return root


@pytest.mark.parametrize("name", list(roots()))
def test_a_slip_is_mended_or_left_alone(name: str, tmp_path: Path) -> None:
    """Whatever the slip and wherever: what `--fix` leaves is the text before the slip, or the one after it."""
    root = copy(name, tmp_path / "root")
    random = Random(name)  # the same slips in every run
    right = texts(root)
    ours = [file for file in right if "partnerships" in file.parts]
    for _ in range(SLIPS):
        file = random.choice(ours)
        wrong = slipped(right[file], random)
        file.write_text(wrong, encoding="utf-8")

        fix(root, DAY, Cache(None))

        after = texts(root)
        as_before = all(meant(after[each]) == meant(right[each]) for each in differing(right, after))
        assert as_before or after == {**right, file: wrong}, (wrong, after[file])
        file.write_text(right[file], encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        (COUNTIES, "    morpeth:\n", "    morpteh:\n"),
        (COUNTIES, "    crm:\n      title", "    crmm:\n      title"),
        ("partnerships/northumberland-durham/councils/derwentside.yaml", "name: derwentside", "name: derwetnside"),
        (COUNTIES, "network: 10.20.1.0/24", "network: 10.20.1.0/2"),
        (COUNTIES, "network: 10.30.0.0/16", "network: 10.30.0.0/1"),
        (COUNTIES, "local-access: 10.30.255.0/24", "local-access: 10.30.25.50/24"),
        ("partnerships/northumberland-durham/councils/teesdale.yaml", "10.30.21.0/24", "10.30.21.0/20"),
        ("partnerships/northumberland-durham/councils/teesdale.yaml", "10.30.21.0/24", "10.30.21.0/2"),
    ],
)
def test_what_was_right_is_not_touched(path: str, right: str, wrong: str, tmp_path: Path) -> None:
    """Not the references to a misspelt declaration, and not the half of a network that was right."""
    root = copy("northumberland-durham", tmp_path / "root")
    spoil(root / path, (right, wrong))
    before = texts(root)

    made = fix(root, DAY, Cache(None))

    assert made.fixed_findings == ()
    assert texts(root) == before
    assert path in {finding.primary.span.path for finding in made.validation.diagnostics}


def spoil(file: Path, *mistakes: tuple[str, str]) -> None:
    """Put mistakes into a file, each wherever it fits."""
    text = file.read_text(encoding="utf-8")
    for right, wrong in mistakes:
        assert right in text
        text = text.replace(right, wrong)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "mistakes",
    [
        [("    centre: {", "    cente: {"), ("    ledger:\n", "    legder:\n")],
        [("host: centre", "host: cente")],
    ],
)
def test_a_name_that_one_place_has_is_nobodys_slip_for_certain(mistakes: list[tuple[str, str]], tmp_path: Path) -> None:
    """Of a declaration and its only reference either may be the slip."""
    root = copy("two-councils", tmp_path / "root")
    spoil(root / DALES, ("  sites:\n", "  organisations:\n    centre: {title: Centre}\n  sites:\n"))
    spoil(root / DALES, ("host: alston", "host: centre"))
    assert fix(root, DAY, Cache(None)).validation.diagnostics == ()
    spoil(root / DALES, *mistakes)
    before = texts(root)

    made = fix(root, DAY, Cache(None))

    assert made.fixed_findings == ()
    assert texts(root) == before
    assert made.validation.diagnostics


def test_the_next_of_a_series_is_no_slip(tmp_path: Path) -> None:
    """`payroll-b`, which is not there yet, is not `payroll-a`."""
    root = copy("two-councils", tmp_path / "root")
    spoil(root / DALES, ("ledger:", "ledger-a:"))
    for council in ("alston", "barton"):
        spoil(root / f"partnerships/dales/councils/{council}.yaml", ("ledger:", "ledger-a:"))
    spoil(root / "partnerships/dales/councils/alston.yaml", ("ledger-a:", "ledger-b:"))
    before = texts(root)

    made = fix(root, DAY, Cache(None))

    assert [finding.rule for finding in made.validation.diagnostics] == ["unknown-instance"]
    assert texts(root) == before
