"""The workflows, the pipeline, the page about CI: least permissions, safe on forks, and each command in them works."""

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
from tests.review.conftest import Project

from moothall import cli
from moothall.report.renderers import FORMATS

PROJECT = Path(__file__).parents[2]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
PIPELINE = PROJECT / ".gitlab-ci.yml"
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
    """Return every use of the command line in the workflows, in the pipeline and on the page about CI."""
    files = [*WORKFLOWS, PIPELINE, PROJECT / "docs" / "ci.md"]
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


def gitlab() -> dict[str, Any]:
    """Return the jobs of the pipeline by name."""
    return {name: job for name, job in parsed(PIPELINE).items() if "script" in job}


@pytest.mark.parametrize("name", gitlab())
def test_a_job_of_the_pipeline_is_a_list_of_lines_that_a_shell_can_read(name: str) -> None:
    """GitLab refuses anything else: `a: b` without quotes is a mapping. And no job is without bounds."""
    job = gitlab()[name]
    lines = [*job.get("before_script", []), *job["script"]]

    assert all(isinstance(line, str) for line in lines)
    ran = subprocess.run(["sh", "-n"], input="\n".join(lines), capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert job["timeout"].endswith(" minutes")


def test_what_may_write_in_the_pipeline_runs_nothing_of_the_change() -> None:
    """The job that has the token checks nothing out, and installs nothing from the repository."""
    with_token = [job for job in gitlab().values() if "REVIEW_TOKEN" in str(job)]

    assert len(with_token) == 1
    for job in with_token:
        assert job["variables"]["GIT_STRATEGY"] == "none"
        assert not re.search(r"moothall (?!diff -->)|pip|\.venv", str([*job["before_script"], *job["script"]]))


def changed(project: Project) -> None:
    """Make the project a change that is invalid: an address of another council's, and a council that is gone."""
    project.git("update-ref", "refs/remotes/origin/main", "HEAD")
    project.edit("councils/alston.yaml", "10.1.8.0/24", "10.1.9.0/24")
    project.file("councils/barton.yaml").unlink()
    project.edit("partnership.yaml", "barton", "alston")


def run_step(project: Project, home: Path, script: str, **variables: str) -> int:
    """Run a script as CI does, in the root of a project; return its exit code."""
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(home), **variables}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=project.root, env=environment, capture_output=True, check=False).returncode


def test_the_step_that_compares_does_what_it_says(project: Project, tmp_path: Path) -> None:
    """The script of diff.yml, run as it stands: a comment, a view, the number, and the exit code of the diff."""
    changed(project)
    steps = parsed(PROJECT / ".github/workflows/diff.yml")["jobs"]["diff"]["steps"]
    [script] = [step["run"] for step in steps if step.get("name") == "Compare"]
    summary = tmp_path / "summary"
    github = {"GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(summary)}
    code = run_step(project, tmp_path, script, NUMBER="17", **github)

    made = project.root / "review"
    assert sorted(file.name for file in made.iterdir()) == ["affected.json", "comment.md", "diff.json", "number"]
    assert (made / "comment.md").read_text().startswith("<!-- moothall diff -->\n")
    assert summary.read_text() == (made / "comment.md").read_text()
    assert (made / "number").read_text() == "17\n"
    assert code == 3


def test_the_job_that_compares_does_what_it_says(project: Project, tmp_path: Path) -> None:
    """The script of the pipeline's `diff`, run as it stands: what it hands on, and the exit code of the diff."""
    base = project.git("rev-parse", "HEAD").strip()
    changed(project)
    job = gitlab()["diff"]
    code = run_step(project, tmp_path, "\n".join(job["script"]), CI_MERGE_REQUEST_DIFF_BASE_SHA=base)

    assert all((project.root / path).is_file() for path in job["artifacts"]["paths"])
    assert (project.root / "comment.md").read_text().startswith("<!-- moothall diff -->\n")
    assert code == 3
