"""What a person reads after `up`: of a failure nothing that sounds like success, and every line a line."""

from __future__ import annotations

from typing import Any

from moothall.deploy.changes import StackChange
from moothall.pulumi_engine.steps.outcome import FailedStep, Step
from moothall.report.changes.text import render
from moothall.report.changes.view import join, view
from moothall.report.style import Style

TENANT = {"council": "dales", "instance": "erp", "url": "https://127.0.0.1:8443/", "hostName": "erp.test"}
URN = "urn:pulumi:dales.pass::moothall::docker:index/container:Container::prepare"


def told(*changes: StackChange) -> str:
    """The text of these changes after an `up`."""
    shown: dict[str, Any] = {**view(changes, ()), "tenants": [TENANT], "waiting": []}
    return render(shown, Style(False))


def replaced(*failures: FailedStep) -> StackChange:
    """A stack in which a job was to be replaced."""
    step = Step("replace", URN, "docker:index/container:Container", "prepare", physical="dales.pass.prepare")
    return StackChange("dales.pass", "failed" if failures else "succeeded", (step,), 3, failures)


def test_what_failed_was_not_done() -> None:
    """It is not counted, and nobody is sent to tenants that may be down; a job's last words stand line by line."""
    text = told(replaced(FailedStep(URN, "prepare", "it ended with exit code 1.\n\nno module\n named x")))

    assert "  failed: prepare: it ended with exit code 1.\n    no module\n     named x\n" in text
    assert "1 stack did not succeed; 3 unchanged.\n" in text
    assert "Tenants are reached" not in text
    assert "replaced" not in text


def test_a_failure_of_no_resource_has_no_empty_name() -> None:
    """As when the CLI is killed."""
    text = told(
        replaced(FailedStep("", "", "Pulumi's CLI was killed")), StackChange("dales.vale", "locked", reason="by x")
    )

    assert "  failed: Pulumi's CLI was killed\n" in text
    assert "2 stacks did not succeed; 1 replaced, 3 unchanged." in text
    assert "No changes" not in text


def test_what_went_well_is_counted_and_leads_to_the_tenants() -> None:
    """As before."""
    text = told(replaced())

    assert "1 replaced; 3 unchanged." in text
    assert "Tenants are reached at" in text


def updated(urn: str) -> StackChange:
    """The same stack, in which files were exchanged in place and all else is as it was."""
    step = Step("update", urn, "docker:index/container:Container", "files", physical="dales.pass.files")
    return StackChange("dales.pass", "succeeded", (step,), 3)


def test_two_runs_of_one_change_are_told_as_one() -> None:
    """Each object once, with what was done to it first; what was not touched in either is unchanged."""
    untouched = StackChange("dales.pass", "unchanged", unchanged=4)
    twice = join(view([replaced()], ()), view([updated(URN)], ()))
    other = join(view([replaced()], ()), view([updated(f"{URN}-files")], ()))
    still = join(view([replaced()], ()), view([untouched], ()))

    for joined, same in ((twice, 3), (still, 3)):
        assert joined["summary"] == {"create": 0, "update": 0, "replace": 1, "delete": 0, "same": same}
        assert [stack["status"] for stack in joined["stacks"]] == ["succeeded"]
    assert other["summary"] == {"create": 0, "update": 1, "replace": 1, "delete": 0, "same": 2}
    assert join(view([untouched], ()), view([replaced()], ()))["summary"]["replace"] == 1
