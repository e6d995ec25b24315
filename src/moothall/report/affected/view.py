"""The view of `affected`: the stacks that a change of the definitions concerns, those that go included."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from moothall.report.diff.view import DiffView, LineView, Revision, StackDiffView

KIND = "affected"


class AffectedStackView(TypedDict):
    """A stack, what becomes of it, who has to agree, because of which lines, and the instance that it holds, if any."""

    stack: str
    partnership: str
    council: str | None
    site: str
    change: str
    agreement: list[str]
    lines: list[LineView]
    instance: str | None


class AffectedView(TypedDict):
    """The stacks that differ between two revisions."""

    schemaVersion: int
    base: Revision
    head: Revision
    stacks: list[AffectedStackView]


def view(diff: DiffView) -> AffectedView:
    """Return the stacks of a diff."""
    return {
        "schemaVersion": 1,
        "base": diff["base"],
        "head": diff["head"],
        "stacks": [_stack(stack) for stack in diff["stacks"]],
    }


def _stack(stack: StackDiffView) -> AffectedStackView:
    return {
        "stack": stack["stack"],
        "partnership": stack["partnership"],
        "council": stack["council"],
        "site": stack["site"],
        "change": stack["change"],
        "agreement": stack["agreement"],
        "lines": stack["lines"],
        "instance": stack["unit"] if stack["kind"] == "instance" else None,
    }
