"""Of two files that cannot both be right the one that came later is named, as far as git knows which that is."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from tests.review.conftest import Project

from moothall.language.git.ages import UNKNOWN, Ages

SPACES = [
    "the address space of hill",
    "the address space of pass",
    "the address space of vale",
    "the link between hill and pass",
    "the link between pass and vale",
    "the link between hill and vale",
]


def copied(project: Project, name: str) -> Path:
    """Copy the Dales under another name, with uids of its own."""
    place = project.root / "partnerships" / name
    shutil.copytree(project.root / "partnerships" / "dales", place)
    for file in place.rglob("*.yaml"):
        file.write_text(file.read_text().replace("dales", name).replace("5f0f", "6f0f"))
    return place


def found(project: Project) -> list[dict]:
    """Return what is wrong, all of which is about networks."""
    diagnostics = project.view("validate", code=3)["diagnostics"]
    assert {each["rule"] for each in diagnostics} == {"network-overlap"}
    return list(diagnostics)


@pytest.mark.parametrize("name", ["acorns", "moors"])
def test_a_new_partnership_is_named_and_not_the_one_that_was_there(project: Project, name: str) -> None:
    """Untracked, in the index or committed, before or behind the old one by name: a finding for each space."""
    copied(project, name)

    for prepare in (lambda: None, lambda: project.git("add", "--all"), lambda: project.commit("Joined")):
        prepare()
        findings = found(project)

        assert {each["primary"]["path"] for each in findings} == {f"partnerships/{name}/partnership.yaml"}
        assert [re.sub(" in .*", "", each["summary"]) for each in findings] == SPACES
    assert json.loads(project.ask("diff", "HEAD~1..HEAD", "--format", "json").stdout)["diagnostics"] == findings


def test_what_lies_in_an_address_space_is_told_with_it(project: Project) -> None:
    """The leaves that have to move with it are related, in the same file; none is a finding of its own."""
    copied(project, "moors")

    hill = next(each for each in found(project) if "address space of hill" in each["summary"])

    labels = [(each["label"], each["path"].split("/")[1]) for each in hill["related"]]
    assert labels[0] == ("the address space of hill", "dales")
    assert ("the network of council alston, in it", "moors") in labels
    assert re.search(r"With it \d+ networks in it have to move\.$", hill["detail"])


def test_a_uid_that_was_copied_is_the_copys_fault(project: Project) -> None:
    """Whatever the names: git knows which file was there."""
    text = project.file("councils/alston.yaml").read_text()
    project.file("councils/aaa.yaml").write_text(text.replace("name: alston", "name: aaa"))

    uid = next(each for each in project.view("validate", code=3)["diagnostics"] if each["rule"] == "duplicate-uid")

    assert uid["primary"]["path"] == "partnerships/dales/councils/aaa.yaml"
    assert uid["related"][0]["path"] == "partnerships/dales/councils/alston.yaml"


def test_the_ages_of_files(project: Project) -> None:
    """When a file was last added; the newest is what git does not have, and without git all are of one age."""
    alston, barton = "partnerships/dales/councils/alston.yaml", "partnerships/dales/councils/barton.yaml"
    project.git("rm", "--quiet", alston)
    project.git("commit", "--quiet", "--message", "Gone")
    project.git("checkout", "--quiet", "HEAD~1", "--", alston)
    project.commit("Back")

    ages, before, nowhere = Ages(project.root), Ages(project.root, "HEAD~2"), Ages(Path(os.devnull).parent)

    assert ages(barton) < ages(alston) < ages("partnerships/dales/councils/new.yaml") == UNKNOWN
    assert before(barton) == before(alston) < UNKNOWN
    assert nowhere(barton) == nowhere(alston)
