"""Drift as the text of an issue: what is not as it was stood up, and the commands that put it right."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.comment import LONGEST, fit_parts
from moothall.report.drift.text import sentence
from moothall.report.drift.view import DriftView, StackDriftView, Summary
from moothall.report.markdown import code
from moothall.report.style import Style, safe

MARKER = "<!-- moothall drift -->"


def render(view: DriftView, style: Style) -> str:
    """Return the issue's text, never coloured, never longer than an issue may be."""
    head = "\n".join([MARKER, "### Drift", "", _summary(view["summary"])]) + "\n"
    stack_texts = ["\n".join(_stack(stack)) for stack in view["stacks"] if stack["status"] != "same"]
    return head + fit_parts(stack_texts, LONGEST - len(head), "stacks")


def _summary(summary: Summary) -> str:
    if not summary["differences"] and not summary["couldNotRun"]:
        return f"None: {summary['objects']} objects of {summary['stacks']} stacks are as they were stood up."
    could_not = f" {summary['couldNotRun']} stacks could not be looked at." if summary["couldNotRun"] else ""
    return f"**{summary['differences']} differences** in {summary['drifted']} of {summary['stacks']} stacks.{could_not}"


def _stack(stack: StackDriftView) -> Iterator[str]:
    yield from ("", f"#### {code(stack['stack'])}", "")
    if stack["reason"]:
        yield f"Could not be looked at: {code(stack['reason'])}"
    for difference in stack["differences"]:
        yield f"- {difference['kind']} {code(difference['name'])} {code(sentence(difference))}"
    if stack["hint"]:
        yield from ("", "```sh", *(safe(command).replace("`", "'") for command in stack["hint"]), "```")
