"""The workflows and the page about CI: least permissions, safe on forks, and every command in them works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import Project
from moothall import cli
from moothall.report.renderers import FORMATS

PROJECT = Path(__file__).parents[2]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
UNTRUSTED = re.compile(r"\$\{\{")


def parsed(file: Path) -> Any:
    """Return a workflow, with every word of it as text (`on` is no truth value here)."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def jobs() -> list[Any]:
    """Return every job of every workflow."""
    return [
        pytest.param(parsed(file)["on"], job, id=f"{file.stem}/{name}")
        for file in WORKFLOWS
        for name, job in parsed(file)["jobs"].items()
    ]


def writes(job: Any) -> set[str]:
    """Return what a job may write."""
    return {scope for scope, level in job["permissions"].items() if level != "read"}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_is_permitted_that_no_job_asks_for(file: Path) -> None:
    """Each workflow starts from no permission at all, in a shell that notices a failure anywhere in a pipe."""
    workflow = parsed(file)

    assert workflow["permissions"] == {}
    assert workflow["defaults"]["run"]["shell"] == "bash"
    assert "pull_request_target" not in workflow["on"]


@pytest.mark.parametrize(("events", "job"), jobs())
def test_a_job_has_bounds(events: Any, job: Any) -> None:
    """Each job says what it may do and how long."""
    assert job["permissions"]
    assert set(job["permissions"].values()) <= {"read", "write"}
    assert int(job["timeout-minutes"]) <= 30


@pytest.mark.parametrize(("events", "job"), jobs())
def test_who_runs_a_changes_code_may_only_read(events: Any, job: Any) -> None:
    """A job that may write, or that is started for a change by its own run, checks nothing out."""
    uses = [step["uses"] for step in job["steps"] if "uses" in step]

    if writes(job) or "workflow_run" in events:
        assert uses == []
    if "secrets." in str(job):
        assert events == {"workflow_dispatch": events["workflow_dispatch"]}
        assert job["environment"]


@pytest.mark.parametrize(("events", "job"), jobs())
def test_actions_are_pinned_and_leave_no_token_behind(events: Any, job: Any) -> None:
    """Actions are GitHub's own, named by a full commit hash; a checkout keeps no credentials."""
    for step in job["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"actions/(checkout|upload-artifact)@[0-9a-f]{40}", step["uses"])
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize(("events", "job"), jobs())
def test_no_script_is_put_together_from_what_others_wrote(events: Any, job: Any) -> None:
    """Values reach a script through its environment only, and every script is one that bash can read."""
    for step in job["steps"]:
        script = step.get("run", "")
        assert not UNTRUSTED.search(script)
        ran = subprocess.run(["bash", "-n"], input=script, capture_output=True, encoding="utf-8", check=False)
        assert (ran.returncode, ran.stderr) == (0, "")


def commands() -> list[Any]:
    """Return every use of the command line in the workflows and on the page about CI."""
    files = [*WORKFLOWS, PROJECT / "docs" / "ci.md"]
    found = [(file.name, line) for file in files for line in file.read_text().replace("\\\n", " ").splitlines()]
    return [
        pytest.param(match[1], id=f"{name}: {match[1][:60]}")
        for name, line in found
        if (match := re.search(r"(?:^|[\s(/])moothall ((?:[a-z]+ )?[^|>`]*--format [a-z]+)", line))
    ]


@pytest.mark.parametrize("words", commands())
def test_every_command_is_one_that_there_is(words: str) -> None:
    """Verb, options and format exist."""
    verb, *rest = shlex.split(re.sub(r"\$\{[^}]*\}", "", words))
    command = [sys.executable, "-m", "moothall", verb, "--help"]
    helped = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout

    assert verb in cli.VERBS
    assert rest[rest.index("--format") + 1] in FORMATS
    assert all(word in helped for word in rest if word.startswith("--"))


def test_the_step_that_compares_does_what_it_says(project: Project, tmp_path: Path) -> None:
    """The script of diff.yml, run as it stands: a comment, a view, the number, and the exit code of the diff."""
    project.git("update-ref", "refs/remotes/origin/main", "HEAD")
    project.edit("councils/alston.yaml", "10.1.8.0/24", "10.1.9.0/24")
    project.file("councils/barton.yaml").unlink()
    project.edit("partnership.yaml", "barton", "alston")
    steps = parsed(PROJECT / ".github/workflows/diff.yml")["jobs"]["diff"]["steps"]
    [script] = [step["run"] for step in steps if step.get("name") == "Compare"]
    summary = tmp_path / "summary"
    place = Path(sys.executable).parent
    environment = {
        "PATH": f"{place}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "NUMBER": "17",
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=project.root, env=environment, check=False)

    made = project.root / "review"
    assert sorted(file.name for file in made.iterdir()) == ["affected.json", "comment.md", "diff.json", "number"]
    assert (made / "comment.md").read_text().startswith("<!-- moothall diff -->\n")
    assert summary.read_text() == (made / "comment.md").read_text()
    assert (made / "number").read_text() == "17\n"
    assert ran.returncode == 3
