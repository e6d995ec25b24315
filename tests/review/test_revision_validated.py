"""`validate --revision` says of a commit what `validate` says of the same files, and takes nothing from the disk."""

from __future__ import annotations

import shutil

import pytest
from tests.review.conftest import Project

from moothall.failures import INVALID, OK, USAGE


def test_a_commit_has_the_findings_of_its_files_on_disk(project: Project) -> None:
    """A link, a network that another council has, a file that nobody reads: the same view, while the disk is sound."""
    project.edit("councils/alston.yaml", "10.1.8.0/24", "10.3.8.0/24")
    project.file("councils/eden.yaml").symlink_to("alston.yaml")
    project.file("notes.yml").write_text("a: b\n")
    commit = project.commit("A mistake")
    on_disk = project.view("validate", code=INVALID)
    project.git("checkout", "--quiet", "main~1")

    assert project.view("validate")["diagnostics"] == []
    assert project.view("validate", "--revision", commit, code=INVALID) == on_disk
    rules = {"network-not-contained", "network-overlap", "file-unreadable", "file-stray"}
    assert {finding["rule"] for finding in on_disk["diagnostics"]} == rules


def test_a_sound_commit_is_sound_whatever_is_on_disk(project: Project) -> None:
    """Not even the folder has to be there."""
    shutil.rmtree(project.root / "partnerships")

    assert project.ask("validate").returncode == USAGE
    assert project.ask("validate", "--revision", "HEAD").returncode == OK


def test_no_attribute_changes_what_is_checked(project: Project) -> None:
    """On disk the files would be UTF-16; git has them as they were written."""
    (project.root / ".gitattributes").write_text("*.yaml working-tree-encoding=UTF-16\n")
    project.git("add", ".gitattributes")
    project.git("commit", "--quiet", "--message", "Attributes")
    project.git("rm", "--quiet", "--cached", "-r", "partnerships")
    shutil.rmtree(project.root / "partnerships")
    project.git("checkout", "--quiet", "HEAD", "--", "partnerships")

    assert project.ask("validate").returncode == INVALID
    assert project.ask("validate", "--revision", "HEAD").returncode == OK


def test_a_commit_without_definitions_is_no_sound_one(project: Project) -> None:
    """A change that removes all of them does not pass."""
    project.git("rm", "--quiet", "-r", "partnerships")
    commit = project.commit("Nothing is left")

    ran = project.ask("validate", "--revision", commit)

    assert ran.returncode == USAGE
    assert ran.stderr.startswith(f"moothall: {commit[:12]} has no folder partnerships/\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--revision", "nowhere"), "git knows no revision 'nowhere'"),
        (("--revision", ""), "git knows no revision ''"),
        (("--revision=--output=x",), "git knows no revision '--output=x'"),
        (("--fix", "--revision", "HEAD"), "--fix corrects files on disk, and --revision reads those that git has"),
    ],
)
def test_what_cannot_be_done_is_said(words: tuple[str, ...], message: str, project: Project) -> None:
    """A name that git does not know, one that would be an option of git, and correcting what is not on disk."""
    ran = project.ask("validate", *words)

    assert ran.returncode == USAGE
    assert message in ran.stderr
