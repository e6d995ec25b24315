"""`schema` publishes what editors and people read; the reference page and every modeline are right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moothall import paths
from moothall.commands.definitions.schema import KINDS
from moothall.failures import OK, USAGE

FILES = {
    "partnership": sorted(paths.PROJECT.glob("partnerships/*/partnership.yaml")),
    "council": sorted(paths.PROJECT.glob("partnerships/*/councils/*.yaml")),
    "module": sorted(paths.PROJECT.glob("modules/*/module.yaml")),
}


def schema(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    command = [sys.executable, "-m", "moothall", "schema", *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_is_printed_as_the_schema_itself(kind: str) -> None:
    """Byte for byte, so that it can be written into a file."""
    ran = schema(kind)

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert ran.stdout == (paths.SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")


def test_without_a_kind_all_are_printed() -> None:
    """One object, the schemas by kind."""
    assert json.loads(schema().stdout) == {kind: json.loads(schema(kind).stdout) for kind in KINDS}


def test_they_are_written_into_a_folder(tmp_path: Path) -> None:
    """The folder is made, and every file that was written is named."""
    ran = schema("--output", str(tmp_path / "a" / "b"))

    files = sorted((tmp_path / "a" / "b").iterdir())
    assert [file.name for file in files] == sorted(f"{kind}.schema.json" for kind in KINDS)
    assert sorted(ran.stdout.split()) == [str(file) for file in files]
    for file in files:
        assert file.read_bytes() == (paths.SCHEMAS / file.name).read_bytes()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """In a sentence, with a command that shows why."""
    (tmp_path / "file").touch()
    ran = schema("--output", str(tmp_path / "file"))

    assert ran.returncode != OK
    assert "cannot be written" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("words", [["councl"], ["council", "--reference"]], ids=" ".join)
def test_misuse_is_told(words: list[str]) -> None:
    """A kind that is none, and half a reference page."""
    ran = schema(*words)

    assert (ran.returncode, ran.stdout) == (USAGE, "")


def test_the_reference_page_has_not_drifted() -> None:
    """docs/reference.md is what the schemas give; `make reference` writes it."""
    assert schema("--reference").stdout == (paths.PROJECT / "docs" / "reference.md").read_text(encoding="utf-8")


def test_the_reference_page_names_every_key_and_its_links_lead_somewhere() -> None:
    """Nothing that can be written is left out."""
    page = schema("--reference").stdout
    anchors = re.findall(r'<a id="([^"]+)">', page)

    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\(#([^)]+)\)", page)) <= set(anchors)
    for kind in KINDS:
        for key in keys(json.loads(schema(kind).stdout)):
            assert f"| `{key}` |" in page


def test_every_schema_is_published() -> None:
    """None is forgotten that stands among them."""
    assert {file.name.removesuffix(".schema.json") for file in paths.SCHEMAS.iterdir()} == set(KINDS)


def keys(part: object) -> set[str]:
    """Return every key that a schema declares."""
    if not isinstance(part, dict):
        return set()
    own = set(part["properties"]) if part.get("type") == "object" and "properties" in part else set()
    return own.union(*(keys(inner) for inner in part.values()))


@pytest.mark.parametrize(
    ("kind", "file"),
    [(kind, file) for kind, files in FILES.items() for file in files],
    ids=lambda each: each.relative_to(paths.PROJECT).as_posix() if isinstance(each, Path) else each,
)
def test_the_modeline_of_every_definition_leads_to_its_schema(kind: str, file: Path) -> None:
    """The first line tells an editor where the schema of this kind is, from where the file is."""
    first = file.read_text(encoding="utf-8").split("\n", 1)[0]

    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert (file.parent / found[1]).resolve() == paths.SCHEMAS / f"{kind}.schema.json"
