"""What is in a commit is listed as what is on disk: the same findings, and nothing passes for unchanged unseen."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.review.conftest import DALES, Project

from moothall.failures import INVALID, USAGE

ALSTON = "councils/alston.yaml"


def council_that_is_a_link(project: Project) -> None:
    """Put a link to another council's file in the place of one, by a name that says nothing."""
    project.file("councils/eden.yaml").symlink_to("alston.yaml")


def link_to_a_whole_file(project: Project) -> None:
    """Put a link there whose target reads like a file."""
    project.file("councils/eden.yaml").symlink_to("kind: Council\n")


def council_in_capitals(project: Project) -> None:
    """Rename a file so that nothing reads it."""
    project.file("councils/barton.yaml").rename(project.file("councils/barton.YAML"))


def partnership_that_is_a_link(project: Project) -> None:
    """Put a link to a folder in the place of a partnership."""
    (project.root / "partnerships" / "moors").symlink_to("dales")


def councils_that_are_a_link(project: Project) -> None:
    """Move the councils away and put a link in their place."""
    project.file("councils").rename(project.root / "councils")
    project.file("councils").symlink_to("../../councils")


def links_that_lead_to_files(project: Project) -> None:
    """Put links there that are none of our business, and two that lead out or nowhere."""
    (project.root / "README").write_text("x")
    project.file("README").symlink_to("../../README")
    project.file("NOTES").symlink_to("/etc/hostname")
    project.file("LOST").symlink_to("nowhere")


def hidden_files(project: Project) -> None:
    """Put files there that editors leave behind; and a folder of nothing but such."""
    for name in (
        ".vscode/x.yaml",
        "councils/.#alston.yaml",
        "councils/._alston.yaml",
        ".yamllint.yaml",
        "x/.idea/y.yml",
    ):
        project.file(name).parent.mkdir(exist_ok=True, parents=True)
        project.file(name).write_text("x: [")
    (project.root / "partnerships" / "moors").mkdir()
    (project.root / "partnerships" / "moors" / ".gitkeep").write_text("")


def folders_of_no_name(project: Project) -> None:
    """Put files where no partnership is, and a folder without its file."""
    for name in ("partnerships/_old/x.yaml", "partnerships/x.yml", "partnerships/moors/y", "modules/ledgers/README"):
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text("x")


def folder_in_place_of_a_file(project: Project) -> None:
    """Make folders with the names of files."""
    for name in ("councils/eden.yaml", "active.yaml"):
        project.file(name).mkdir()
        project.file(f"{name}/x").write_text("")


def very_many_mistakes(project: Project) -> None:
    """Write more mistakes into a file than anybody reads."""
    project.file(ALSTON).write_text("".join(f"k{number}: 1\n" for number in range(200)))


def modules_that_are_links(project: Project) -> None:
    """Put a link in the place of a module, and a file beside them that nobody looks at."""
    (project.root / "modules" / "crm").symlink_to("finance")
    (project.root / "modules" / "x.yaml").symlink_to("finance")
    (project.root / "modules" / "_x").symlink_to("finance")


ODD = (
    council_that_is_a_link,
    link_to_a_whole_file,
    council_in_capitals,
    partnership_that_is_a_link,
    councils_that_are_a_link,
    links_that_lead_to_files,
    hidden_files,
    folders_of_no_name,
    folder_in_place_of_a_file,
    very_many_mistakes,
    modules_that_are_links,
)


@pytest.mark.parametrize("make", ODD, ids=lambda make: make.__name__)
def test_a_commit_has_the_findings_of_the_disk(project: Project, make: Callable[[Project], None]) -> None:
    """`diff` says of a commit what `validate` says of the same files on disk, as the head and as the base."""
    good = project.git("rev-parse", "HEAD")
    make(project)
    said = project.ask("validate")
    odd = project.commit("Odd")
    project.git("switch", "--quiet", "--detach", good)
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")  # or the head would be read from disk

    head, base = project.ask("diff", f"{good}..{odd}"), project.ask("diff", odd)

    if said.returncode == INVALID:
        assert (head.returncode, head.stdout) == (INVALID, said.stdout)
        assert base.returncode == INVALID
        assert base.stderr == f"the base, {odd}, is not valid; the head is valid\n"
    else:
        assert (said.returncode, head.returncode, base.returncode) == (0, 0, 0)


class TestElsewhere:
    """Files that git does not look at, and the commits of another repository."""

    def own_repository(self, project: Project, place: Path) -> Project:
        """Make a folder of the project a repository of its own, with a commit."""
        inner = Project(place)
        inner.git("init", "--quiet", "--initial-branch", "main")
        inner.commit("Inner")
        return inner

    def test_a_repository_in_the_repository(self, project: Project) -> None:
        """A partnership with a .git of its own is read by every verb, so it is a change."""
        moors = project.root / "partnerships" / "moors"
        shutil.copytree(DALES / "partnerships" / "dales", moors)
        for file in moors.rglob("*.yaml"):
            text = file.read_text().replace("dales", "moors").replace("5f0f", "6f0f").replace("10.99.", "10.98.")
            file.write_text(re.sub(r"\b10\.([1-9])\.", r"10.2\1.", text))
        apart = project.view("diff", "HEAD")
        self.own_repository(project, moors)

        assert project.view("diff", "HEAD") == apart
        assert {stack["partnership"] for stack in apart["stacks"]} == {"moors"}

    @pytest.mark.parametrize(
        ("place", "words"),
        [
            ("partnerships", ("diff", "HEAD")),
            ("partnerships", ("affected", "HEAD")),
            ("partnerships/dales", ("diff", "HEAD~1..HEAD")),
            ("partnerships/dales/councils", ("diff", "HEAD..HEAD~1")),
            ("modules", ("diff", "HEAD")),
            ("modules", ("affected", "HEAD~1..HEAD")),
        ],
        ids=str,
    )
    def test_a_submodule(self, project: Project, place: str, words: tuple[str, ...]) -> None:
        """What a submodule held is in another repository: the reader hears so, whichever side has it."""
        self.own_repository(project, project.root / place)
        project.git("rm", "--quiet", "-r", "--cached", place)
        project.commit("A submodule")
        assert "160000 commit" in project.git("ls-tree", "-r", "HEAD")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

        ran = project.ask(*words)

        assert (ran.returncode, ran.stdout) == (USAGE, "")
        assert f"{place} is a submodule in " in ran.stderr

    def test_a_submodule_that_is_not_there(self, project: Project) -> None:
        """An empty folder in its place is no reason to say that nothing changes."""
        moors = project.root / "partnerships" / "moors"
        shutil.copytree(project.root / "modules", moors)
        self.own_repository(project, moors)
        project.commit("A submodule")
        shutil.rmtree(moors)
        moors.mkdir()

        ran = project.ask("diff", "HEAD")

        assert (ran.returncode, ran.stdout) == (USAGE, "")
        assert "partnerships/moors is a submodule in " in ran.stderr

    def test_a_submodule_that_nobody_reads(self, project: Project) -> None:
        """In a hidden folder, or within a module, it is nobody's business."""
        for place in ("partnerships/.cache/x", "modules/finance/vendored"):
            shutil.copytree(DALES / "modules" / "finance", project.root / place)
            self.own_repository(project, project.root / place)
        project.commit("Submodules")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

        assert project.view("diff", "HEAD")["stacks"]
        assert project.view("diff", "HEAD~1..HEAD")["stacks"] == []

    @pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
    def test_a_file_that_git_was_told_not_to_look_at(self, project: Project, flag: str) -> None:
        """A file that is read by every verb is compared, whatever git was told."""
        project.git("update-index", flag, f"partnerships/dales/{ALSTON}")
        head = project.git("rev-parse", "HEAD")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

        assert {stack["council"] for stack in project.view("diff", "HEAD")["stacks"]} == {"alston"}
        assert project.view("diff", f"{head}..HEAD")["stacks"] == []

    def test_a_file_that_is_no_longer_in_the_index(self, project: Project) -> None:
        """Removed from the index and kept on disk, it is still there."""
        project.git("rm", "--quiet", "--cached", f"partnerships/dales/{ALSTON}")

        assert project.view("diff", "HEAD")["stacks"] == []

    def test_a_merge_that_is_not_finished(self, project: Project) -> None:
        """A file of which the index has three versions counts as it is on disk, compared with the base."""
        project.git("switch", "--quiet", "--create", "other")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
        project.commit("One")
        project.git("switch", "--quiet", "main")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.10.0/24")
        project.commit("Other")
        with pytest.raises(subprocess.CalledProcessError):
            project.git("merge", "--quiet", "other")
        project.git("checkout", "--quiet", "--ours", "--", f"partnerships/dales/{ALSTON}")

        assert project.view("diff", "HEAD")["stacks"] == []
        assert {stack["council"] for stack in project.view("diff", "HEAD~1")["stacks"]} == {"alston"}
