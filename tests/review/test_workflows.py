"""The workflows, the pipeline, the page about CI: main's alone, least permissions, and each command in them works."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.review.ci import PIPELINE, WORKFLOWS, parsed, pipeline_jobs

from moothall import cli
from moothall.paths import PROJECT
from moothall.report.renderers import FORMATS

UNTRUSTED = re.compile(r"\$\{\{")
OF_MAIN = {"pull_request_target", "push", "workflow_dispatch"}
"""Events whose workflow is that of main: a push is one to main alone, and who starts by hand is held to it by a job."""


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


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_that_runs_is_the_one_of_main(file: Path) -> None:
    """A change has no say in what looks at it, and what looks at one change does not stop the look at another."""
    workflow = parsed(file)

    assert workflow["on"].keys() <= OF_MAIN
    for event in workflow["on"].keys() - {"workflow_dispatch"}:
        assert workflow["on"][event]["branches"] == ["main"]
    if "workflow_dispatch" in workflow["on"]:
        first, *rest = workflow["jobs"].values()
        assert first["if"] == "github.ref == 'refs/heads/main'"
        assert all("needs" in job for job in rest)
    if "pull_request_target" in workflow["on"]:
        assert "github.event.pull_request.number" in workflow["concurrency"]["group"]


@pytest.mark.parametrize(("events", "job"), jobs())
def test_a_job_has_bounds(events: Any, job: Any) -> None:
    """Each job says what it may do and how long."""
    assert job["permissions"]
    assert set(job["permissions"].values()) <= {"read", "write"}
    assert int(job["timeout-minutes"]) <= 30


@pytest.mark.parametrize(("events", "job"), jobs())
def test_main_alone_is_checked_out_and_nothing_where_somebody_may_write(events: Any, job: Any) -> None:
    """No code of a change is on a machine; a job that may write has none at all, and a secret waits for a reviewer."""
    uses = [step for step in job["steps"] if "uses" in step]
    checkouts = [step["with"] for step in uses if "checkout" in step["uses"]]

    assert all(options["ref"] == "main" for options in checkouts)
    assert all(options.keys() <= {"ref", "fetch-depth", "persist-credentials"} for options in checkouts)
    if writes(job):
        assert uses == []
        assert ".ci/" not in str(job)
    if "secrets." in str(job):
        assert events == {"workflow_dispatch": events["workflow_dispatch"]}
        assert job["environment"]


@pytest.mark.parametrize(("events", "job"), jobs())
def test_a_change_is_reached_by_two_scripts_of_main_alone(events: Any, job: Any) -> None:
    """Git is asked in `.ci/` and in moothall, not in a workflow; where code runs the token is for fetching alone."""
    for step in job["steps"]:
        script = step.get("run", "")
        assert not re.search(r"\bgit\b", script)
        if not writes(job) and "github.token" in str(step):
            assert re.fullmatch(r"(.*\.ci/(fetch-change|definitions)\b.*\n?|echo .*\n?)+", script)
    if not writes(job):
        assert "github.token" not in str(job.get("env"))


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


@pytest.mark.parametrize("name", pipeline_jobs())
def test_a_job_of_the_pipeline_is_a_list_of_lines_that_a_shell_can_read(name: str) -> None:
    """GitLab refuses anything else: `a: b` without quotes is a mapping. And no job is without bounds."""
    job = pipeline_jobs()[name]
    lines = [*job["before_script"], *job["script"]]

    assert all(isinstance(line, str) for line in lines)
    ran = subprocess.run(["sh", "-n"], input="\n".join(lines), capture_output=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert job["timeout"].endswith(" minutes")


def test_what_may_write_in_the_pipeline_runs_nothing_of_the_change() -> None:
    """The job that has the token checks nothing out, and installs nothing from the repository."""
    with_token = [job for job in pipeline_jobs().values() if "REVIEW_TOKEN" in str(job)]

    assert len(with_token) == 1
    for job in with_token:
        assert job["variables"]["GIT_STRATEGY"] == "none"
        assert not re.search(r"moothall (?!diff -->)|pip|\.venv", str([*job["before_script"], *job["script"]]))


@pytest.mark.parametrize("name", pipeline_jobs())
def test_a_job_of_the_pipeline_has_the_default_branch_on_disk_or_nothing(name: str) -> None:
    """The runner checks nothing out, and the first line the default branch; no job has another way to a change."""
    job = pipeline_jobs()[name]
    variables = job["variables"]
    lines = [*job["before_script"], *job["script"]]

    assert variables["GIT_CHECKOUT"] == "false"
    assert variables["GIT_SUBMODULE_STRATEGY"] == "none"
    if variables["GIT_STRATEGY"] == "none":
        assert not any("git " in line for line in lines)
    else:
        assert variables["GIT_STRATEGY"] == "clone"
        assert lines[0] == 'git checkout --quiet --force --detach "origin/$CI_DEFAULT_BRANCH"'
        assert not any("git " in line for line in lines[1:])


def test_nothing_of_the_pipeline_is_taken_from_elsewhere() -> None:
    """No part of it is included: an included file could be that of the change."""
    assert parsed(PIPELINE).keys() == {"variables", "default", "workflow", *pipeline_jobs()}
