"""Steps as the views of changes and of a diff show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from moothall.report.positions import Place


class StepView(TypedDict):
    """What happens to one resource: `op` is "create", "update", "replace" or "delete".

    `diff` holds the paths of changed properties, `effect` says what the step means to those who use what stands (see
    `model.effects`), `council` whom it concerns, `declaredAt` which line it stands for.
    """

    op: str
    urn: str
    type: str
    name: str
    diff: list[str]
    effect: str
    council: str | None
    declaredAt: Place | None


class FailureView(TypedDict):
    """A resource whose step failed, and why; of no resource, URN and name are empty."""

    urn: str
    name: str
    message: str


class StepCounts(TypedDict):
    """How many resources there are for each kind of step; `same` are unchanged."""

    create: int
    update: int
    replace: int
    delete: int
    same: int


def counts(numbers: Mapping[str, int]) -> StepCounts:
    """Return numbers by kind of step, each of which is there."""
    return {
        "create": numbers["create"],
        "update": numbers["update"],
        "replace": numbers["replace"],
        "delete": numbers["delete"],
        "same": numbers["same"],
    }


def total(step_counts: list[StepCounts]) -> StepCounts:
    """Return the sums for each kind of step."""
    return {
        "create": sum(item["create"] for item in step_counts),
        "update": sum(item["update"] for item in step_counts),
        "replace": sum(item["replace"] for item in step_counts),
        "delete": sum(item["delete"] for item in step_counts),
        "same": sum(item["same"] for item in step_counts),
    }
