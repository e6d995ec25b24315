"""The view of `drift`: stack by stack what is not as it was stood up, and the commands that put it right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypedDict

from moothall.model import filesname

if TYPE_CHECKING:
    from moothall.pulumi_engine.observe.drift import Difference
    from moothall.pulumi_engine.observe.drift_scan import StackDrift

KIND = "drift"


class DifferenceView(TypedDict):
    """One object, or one `property` of it, that is not as recorded; the property of a whole object is empty."""

    kind: str
    name: str
    urn: str
    trouble: str
    property: str
    recorded: str
    found: str


class StackDriftView(TypedDict):
    """One stack: its status is "same", "drifted" or, with a reason, "could-not-run".

    `objects` were looked at; `pending` calls were begun and not ended; `hint` are commands, in their order.
    """

    stack: str
    site: str
    status: str
    reason: str
    objects: int
    pending: int
    differences: list[DifferenceView]
    hint: list[str]


class Summary(TypedDict):
    """How many stacks and objects were looked at, and how many differ or could not be."""

    stacks: int
    objects: int
    differences: int
    drifted: int
    couldNotRun: int


class DriftView(TypedDict):
    """The stacks that were looked at, by name."""

    schemaVersion: int
    stacks: list[StackDriftView]
    summary: Summary


def view(stacks: Iterable[StackDrift]) -> DriftView:
    """Return the view of drift."""
    sorted_stacks = sorted(stacks, key=lambda stack: stack.stack)
    return {
        "schemaVersion": 1,
        "stacks": [_stack(stack) for stack in sorted_stacks],
        "summary": {
            "stacks": len(sorted_stacks),
            "objects": sum(stack.objects for stack in sorted_stacks),
            "differences": sum(len(stack.differences) for stack in sorted_stacks),
            "drifted": sum(bool(stack.differences) for stack in sorted_stacks),
            "couldNotRun": sum(bool(stack.unreachable) for stack in sorted_stacks),
        },
    }


def _stack(stack: StackDrift) -> StackDriftView:
    status = "could-not-run" if stack.unreachable else "drifted" if stack.differences else "same"
    return {
        "stack": stack.stack,
        "site": stack.stack.rsplit(".", 1)[-1],
        "status": status,
        "reason": stack.unreachable,
        "objects": stack.objects,
        "pending": stack.pending,
        "differences": [_difference(difference) for difference in stack.differences],
        "hint": list(dict.fromkeys(_hints(stack))),
    }


def _difference(difference: Difference) -> DifferenceView:
    return {
        "kind": difference.kind,
        "name": difference.name,
        "urn": difference.urn,
        "trouble": difference.trouble,
        "property": difference.property,
        "recorded": difference.expected,
        "found": difference.actual,
    }


def _hints(stack: StackDrift) -> Iterator[str]:
    """Yield commands, in order. A container holds nothing of its own; a network or volume is for people to decide, but
    for one that only holds files: it is made again with those who mount it."""
    for difference in stack.differences:
        if difference.volume:
            yield " ".join(filter(None, ("docker rm -f", filesname.owner(difference.name), difference.name)))
            yield f"docker volume rm {difference.volume}"
        elif difference.trouble in ("changed", "made-again") and difference.kind == "container":
            yield f"docker rm -f {difference.name}"
    for difference in stack.differences:
        if difference.trouble == "added" and difference.property == "user" and difference.kind == "network":
            yield f"docker network disconnect {difference.name} {difference.actual}"
    if any(d.trouble in ("missing", "stopped", "running") or d.kind == "container" for d in stack.differences):
        yield f"moothall up --partnership {stack.stack.split('.')[0]}"
