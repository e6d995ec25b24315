"""Drift for people: stack by stack what is not as it was stood up, and the commands that put it right."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.drift.view import DifferenceView, DriftView, StackDriftView, Summary
from moothall.report.style import Style, safe

_WHOLE = {
    "missing": "is missing",
    "stopped": "does not run",
    "running": "runs and should not",
    "unhealthy": "says that it is not well",
    "made-again": "was made again by somebody else",
    "added": "is not recorded",
}


def render(view: DriftView, style: Style) -> str:
    """Return the text of a drift view; stacks that are as they should be are only counted."""
    shown_stacks = [stack for stack in view["stacks"] if stack["status"] != "same" or stack["pending"]]
    blocks = ["\n".join(_stack(stack, style)) for stack in shown_stacks]
    return "\n\n".join([*blocks, _summary(view["summary"], style)]) + "\n"


def sentence(difference: DifferenceView) -> str:
    """Return one difference in words, without the object's name."""
    if not difference["property"]:
        description = _WHOLE[difference["trouble"]]
        return f"{description} ({difference['found']})" if difference["found"] else description
    if difference["trouble"] == "added":
        return f"is used by {difference['found']}, which is not ours"
    return (
        f"{difference['property']} is {difference['found'] or 'empty'} instead of {difference['recorded'] or 'empty'}"
    )


def _stack(stack: StackDriftView, style: Style) -> Iterator[str]:
    yield style.paint(safe(stack["stack"]), "bold") + (
        style.paint("  could-not-run", "red") if stack["status"] == "could-not-run" else ""
    )
    if stack["reason"]:
        yield f"  {safe(stack['reason'])}"
    if stack["pending"]:
        yield f"  {stack['pending']} calls were begun and not ended; the next up ends them"
    for difference in stack["differences"]:
        name = difference["name"].removeprefix(f"{stack['stack']}.")
        yield f"  {style.paint('≠', 'yellow')} {difference['kind']} {safe(name)} {safe(sentence(difference))}"
    for command in stack["hint"]:
        yield f"  hint: {safe(command)}"


def _summary(summary: Summary, style: Style) -> str:
    if summary["couldNotRun"]:
        return style.paint(f"{summary['couldNotRun']} of {summary['stacks']} stacks could not be looked at.", "red")
    if not summary["differences"]:
        return style.paint(f"No drift; {summary['objects']} objects are as they were stood up.", "green")
    stacks = "stack" if summary["drifted"] == 1 else "stacks"
    return style.paint(f"{summary['differences']} differences in {summary['drifted']} {stacks}.", "yellow")
