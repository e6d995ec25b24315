"""What a change says of itself is no evidence: main's code judges a hostile change, and nothing of the change runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.review.ci import Clone, make_origin, pipeline_jobs, scripts
from tests.review.conftest import Project

from moothall.failures import FAILED, INVALID, OK, USAGE

NUMBER = "17"
SECRET = "the secret of the machine"
LARGE = b"a: b\n" * 300_000
MARKER = "<!-- moothall diff -->"


class Change(NamedTuple):
    """A pull request: where it is, its commit, and the file that appears as soon as anything of it runs."""

    origin: Project
    commit: str
    trap: Path


def propose(origin: Project) -> str:
    """Make what is in the working tree of the origin the commit of a pull request, and of a merge request."""
    origin.git("checkout", "--quiet", "-b", "change")
    commit = origin.commit("A change")
    for name in (f"refs/pull/{NUMBER}/head", f"refs/merge-requests/{NUMBER}/head"):
        origin.git("update-ref", name, commit)
    origin.git("checkout", "--quiet", "main")
    origin.git("branch", "--quiet", "-D", "change")
    return commit


def write_traps(origin: Project, trap: Path) -> None:
    """Replace and add whatever could be run or could decide what other files hold."""
    (origin.root / ".git" / "info" / "attributes").write_text("* -filter !working-tree-encoding\n")  # not on this side
    python = f"open({str(trap)!r}, 'w').close()\n"
    shell = f"#!/bin/sh\ntouch '{trap}'\n"
    for name in origin.git("ls-files", "src").splitlines():
        if name.endswith(".py"):
            (origin.root / name).write_text(python)
    for name in ("conftest.py", "sitecustomize.py", "setup.py", "src/sitecustomize.py", "modules/finance/__init__.py"):
        (origin.root / name).write_text(python)
    for name in ("fetch-change", "definitions", "run"):
        (origin.root / ".ci" / name).write_text(shell)
    (origin.root / "Makefile").write_text(f"all:\n\ttouch '{trap}'\n")
    (origin.root / "pyproject.toml").write_text("[build-system]\nrequires = []\nbuild-backend = 'setup'\n")
    (origin.root / "requirements.lock").write_text("./\n")
    (origin.root / "schemas" / "council.schema.json").write_text("{}\n")
    attributes = "working-tree-encoding=UTF-7 filter=trap diff=trap merge=trap"
    (origin.root / ".gitattributes").write_text("".join(f"*.{end} {attributes}\n" for end in ("json", "py", "yaml")))
    (origin.root / ".gitmodules").write_text(f'[submodule "m"]\n\tpath = m\n\turl = ext::sh -c "touch {trap}"\n')
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{origin.git('rev-parse', 'HEAD')},m")


def write_definitions(origin: Project, outside: Path) -> None:
    """Write definitions that main refuses: a link to a file of the machine, a large file, a key that there is not."""
    outside.write_text(SECRET)
    origin.file("councils/link.yaml").symlink_to(outside)
    origin.file("councils/large.yaml").write_bytes(LARGE)
    origin.edit("councils/alston.yaml", "site: hill", "site: hill\n  nobody-has-to-agree: true")
    module = origin.root / "modules" / "procurement"
    (module / "module.yaml").unlink()
    module.rmdir()
    module.symlink_to(outside.parent)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Change:
    """Return a change that tries all of it."""
    place = tmp_path_factory.mktemp("hostile")
    origin = make_origin(place / "origin")
    write_traps(origin, place / "trap")
    write_definitions(origin, place / "outside.yaml")
    return Change(origin, propose(origin), place / "trap")


@pytest.fixture
def clone(hostile: Change, tmp_path: Path) -> Clone:
    """Return a clone of main beside that change."""
    return Clone(hostile.origin, tmp_path)


def github_validates(clone: Clone, commit: str) -> tuple[int, str]:
    """Run the job of the workflow; return its exit code and what it hands on."""
    ran = clone.run("\n".join(scripts("validate", "validate")), NUMBER=NUMBER, COMMIT=commit)
    assert ran.stderr == ""
    return ran.returncode, (clone.root / "found" / "moothall.sarif").read_text() + ran.stdout


def gitlab_validates(clone: Clone, commit: str) -> tuple[int, str]:
    """Run the job of the pipeline."""
    code = run_pipeline(clone, "validate", commit)
    return code, (clone.root / "moothall.sarif").read_text() + (clone.root / "validate.xml").read_text()


def github_compares(clone: Clone, commit: str) -> tuple[int, str]:
    """Run the job of the workflow that leaves the comment."""
    ran = clone.run("\n".join(scripts("diff", "diff")), NUMBER=NUMBER, COMMIT=commit)
    comment = (clone.root / "review" / "comment.md").read_text()
    assert (clone.place / "summary").read_text() == comment
    return ran.returncode, comment


def gitlab_compares(clone: Clone, commit: str) -> tuple[int, str]:
    """Run the job of the pipeline that leaves the comment."""
    code = run_pipeline(clone, "diff", commit)
    assert all((clone.root / path).is_file() for path in pipeline_jobs()["diff"]["artifacts"]["paths"])
    return code, (clone.root / "comment.md").read_text()


def run_pipeline(clone: Clone, name: str, commit: str) -> int:
    """Run a job as a runner does that was told to check nothing out; what installs main's code is done already."""
    job = pipeline_jobs()[name]
    assert (job["variables"]["GIT_CHECKOUT"], job["variables"]["GIT_STRATEGY"]) == ("false", "clone")
    clone.project.git("fetch", "--quiet", "origin", f"refs/merge-requests/{NUMBER}/head")
    lines = [*(line for line in job["before_script"] if line.startswith("git ")), *job["script"]]
    return clone.run("\n".join(lines), shell="sh", CI_COMMIT_SHA=commit, CI_DEFAULT_BRANCH="main").returncode


Job = Callable[[Clone, str], tuple[int, str]]
OUTPUTS = {"found", "review", "comment.md", "affected.json", "moothall.sarif", "validate.xml"}
"""What the jobs write."""


@pytest.mark.parametrize("job", [github_validates, gitlab_validates, github_compares, gitlab_compares])
def test_mains_code_judges_a_hostile_change(job: Job, hostile: Change, clone: Clone) -> None:
    """Main's rules refuse it; nothing of it ran, is on disk, or changed a file of main; no link was followed."""
    code, told = job(clone, hostile.commit)

    assert code == INVALID
    assert all(rule in told for rule in ("file-too-large", "file-unreadable", "nobody-has-to-agree", "procurement"))
    assert SECRET not in told
    assert not hostile.trap.exists()
    assert {name.split("/")[0] for name in clone.leftovers()} <= OUTPUTS


def test_the_traps_are_ones(hostile: Change, clone: Clone) -> None:
    """Where the change is on disk it runs, and its attributes decide what even files hold that it does not touch."""
    schema = clone.root / "schemas" / "module.schema.json"
    as_main_has_it = schema.read_bytes()
    clone.project.git("fetch", "--quiet", "origin", hostile.commit)
    clone.project.git("checkout", "--quiet", "--detach", hostile.commit)
    schema.unlink()
    clone.project.git("checkout", "--", "schemas")
    assert (schema.read_bytes() == as_main_has_it) is False  # both are long

    clone.run(".venv/bin/moothall validate")
    assert hostile.trap.exists()
    hostile.trap.unlink()


@pytest.mark.parametrize("job", [github_compares, gitlab_compares])
def test_a_comment_names_the_commit_that_it_is_about(job: Job, tmp_path: Path) -> None:
    """A sound change of definitions beside one of the code is compared by main's code."""
    origin = make_origin(tmp_path / "origin")
    trap = tmp_path / "trap"
    write_traps(origin, trap)
    origin.edit("councils/alston.yaml", "10.1.8.0/24", "10.1.9.0/24")
    commit = propose(origin)

    code, comment = job(Clone(origin, tmp_path), commit)

    assert code == OK
    assert comment.startswith(f"{MARKER}\n")
    assert "`spec.network: 10.1.8.0/24 → 10.1.9.0/24`" in comment
    assert f"→ `{commit}`" in comment
    assert not trap.exists()


def test_a_commit_that_was_replaced_is_not_judged(hostile: Change, clone: Clone) -> None:
    """The commit of the event is not that of the pull request any more: nothing is compared."""
    other = hostile.origin.git("rev-parse", "main")
    ran = clone.run("\n".join(scripts("diff", "diff")), NUMBER=NUMBER, COMMIT=other)

    assert ran.returncode == FAILED
    assert f"pull request 17 is at {hostile.commit} now, not at {other}" in ran.stderr
    assert not (clone.root / "review").exists()


@pytest.mark.parametrize("number", ["--upload-pack=touch trap", "17/head:refs/heads/main", ""])
def test_a_number_is_a_number(number: str, clone: Clone) -> None:
    """Nothing else becomes part of a command of git."""
    assert clone.run('.ci/fetch-change "$NUMBER"', NUMBER=number).returncode in (FAILED, USAGE)
    assert clone.leftovers() == set()


def test_a_preview_has_the_definitions_of_the_change_alone(hostile: Change, clone: Clone) -> None:
    """Byte for byte as git has them, links as links that nobody follows, and none of the rest."""
    *taking, _ = scripts("preview", "preview")
    ran = clone.run("\n".join(taking), NUMBER=NUMBER, COMMIT=hostile.commit)
    assert (ran.returncode, ran.stderr) == (OK, "")

    change = clone.root / "change"
    made = {str(path.relative_to(change)): path for path in change.rglob("*") if path.is_symlink() or path.is_file()}
    assert made.keys() == {
        *hostile.origin.git("ls-tree", "-r", "--name-only", hostile.commit, "partnerships", "modules").split("\n")
    }
    for name, path in made.items():
        blob = hostile.origin.git("rev-parse", f"{hostile.commit}:{name}")
        assert path.is_symlink() or clone.project.git("hash-object", "--no-filters", str(path)) == blob
    assert clone.run(".venv/bin/moothall validate --root change").returncode == INVALID
    assert not hostile.trap.exists()
    assert all(name.startswith("change/") for name in clone.leftovers())


def test_a_preview_asks_for_what_the_change_concerns(tmp_path: Path) -> None:
    """The job that names the stacks: the commit, and the stacks of the one council."""
    origin = make_origin(tmp_path / "origin")
    origin.edit("councils/alston.yaml", "10.1.8.0/24", "10.1.9.0/24")
    commit = propose(origin)
    clone = Clone(origin, tmp_path)
    fetch, find = scripts("preview", "affected")

    assert clone.run(fetch, NUMBER=NUMBER).returncode == OK
    assert clone.run(find, COMMIT=commit).returncode == OK
    output = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert output["commit"] == commit
    assert {entry["council"] for entry in json.loads(output["matrix"])["include"]} == {"alston"}
    assert int(output["count"]) == 2
