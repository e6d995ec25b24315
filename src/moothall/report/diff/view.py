"""The view of `diff`: what changes between two revisions, because of which lines, and with whose agreement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from moothall.model.effects import DATA_LOSS
from moothall.model.planned import Plan
from moothall.report.positions import Place, place
from moothall.report.steps import FailureView, StepCounts, StepView, counts, total
from moothall.review.agreement_changes import Term
from moothall.review.causes import Causes
from moothall.review.comparison import REFUSED, Comparison, StackReview
from moothall.review.lines import Line
from moothall.review.policy import JudgedStep, refusals
from moothall.review.steps import Step
from moothall.review.turns import Turn, turns

KIND = "diff"
OPS = ("create", "update", "replace", "delete")


class Revision(TypedDict):
    """A revision as it was called, its commit, None for the working tree, and the day (ISO 8601) it is looked at."""

    name: str
    commit: str | None
    asOf: str


class LineView(TypedDict):
    """A changed line: of the `head` or, of what is only there, the `base`.

    `route` leads to the value within the file and is empty for a whole file; the values are short JSON texts, None in
    the revision that has none.
    """

    path: str
    line: int
    revision: str
    route: str
    before: str | None
    after: str | None


class TermView(LineView):
    """A changed line of which no stack tells, and the parties that have to agree to it."""

    agreement: list[str]


class DiffStepView(StepView):
    """A step, with the line that its resource stood for before."""

    before: Place | None


class StackDiffView(TypedDict):
    """One stack that is "created", "changed" or "removed", because of which lines, and who has to agree.

    `reason` says why `up` would refuse, `kept` names the data volumes that are left on the engine.
    """

    stack: str
    partnership: str
    kind: str
    unit: str
    site: str
    council: str | None
    change: str
    status: str
    reason: str
    agreement: list[str]
    lines: list[LineView]
    steps: list[DiffStepView]
    kept: list[str]
    failures: list[FailureView]
    summary: StepCounts


class TurnView(TypedDict):
    """Something agreed for later that becomes planned, gets another date (ISO 8601), is due or is dropped."""

    change: str
    partnership: str
    council: str | None
    instance: str | None
    module: str | None
    site: str | None
    before: str | None
    after: str | None
    declaredAt: Place | None


class DiffView(TypedDict):
    """All that changes between two revisions, and the sentences by which the policy refuses it."""

    schemaVersion: int
    stacks: list[StackDiffView]
    planned: list[TurnView]
    terms: list[TermView]
    lines: list[LineView]
    refusals: list[str]
    summary: StepCounts
    base: Revision
    head: Revision
    notes: list[str]


def view(
    comparisons: Sequence[Comparison],
    lines: Sequence[Line],
    terms: Sequence[Term],
    base: Revision,
    head: Revision,
    notes: list[str],
) -> DiffView:
    """Return what changes, because of which lines, with whose agreement, and why it is refused, if it is."""
    stacks = [stack for comparison in comparisons for stack in _stacks(comparison, lines)]
    policies = {comparison.partnership: comparison.head.policy for comparison in comparisons if comparison.head}
    return {
        "schemaVersion": 1,
        "stacks": stacks,
        "planned": [
            _turn(comparison, turn) for comparison in comparisons for turn in turns(comparison.base, comparison.head)
        ],
        "terms": [{**_line(term.line), "agreement": list(term.agreement)} for term in terms],
        "lines": [_line(line) for line in lines],
        "refusals": [*_refused_stacks(comparisons), *refusals(_judged_steps(comparisons), policies)],
        "summary": _summary(stacks, sum(comparison.unchanged_count for comparison in comparisons)),
        "base": base,
        "head": head,
        "notes": notes,
    }


def _stacks(comparison: Comparison, lines: Iterable[Line]) -> list[StackDiffView]:
    causes = Causes(comparison, lines)
    return [_stack(comparison, review, causes.of(review)) for review in comparison.stacks]


def _stack(comparison: Comparison, review: StackReview, lines: Iterable[Line]) -> StackDiffView:
    stack = review.stack
    return {
        "stack": stack.name,
        "partnership": comparison.partnership,
        "kind": stack.kind,
        "unit": stack.unit,
        "site": stack.site,
        "council": stack.council,
        "change": "changed" if review.before and review.after else "created" if review.after else "removed",
        "status": review.status,
        "reason": review.reason,
        "agreement": _agreement(review, comparison),
        "lines": [_line(line) for line in lines],
        "steps": [_step(step) for step in review.steps],
        "kept": list(review.retained_volumes),
        "failures": [],
        "summary": _counts(review.steps, review.unchanged_count),
    }


def _agreement(review: StackReview, comparison: Comparison) -> list[str]:
    """Return who has to agree: those whom the stack concerns as it was, and as it will be, and whose data is lost."""
    plans: list[Plan] = [plan for plan in (comparison.base, comparison.head) if plan]
    stack = review.stack
    loses_data = stack.kind == "instance" and any(step.effect == DATA_LOSS for step in review.steps)
    parties = {party for plan in plans for party in plan.approvals.get(stack.name, ())}
    data_owners = {party for plan in plans for party in plan.data_owners.get(stack.unit, ())} if loses_data else set()
    return sorted(parties | data_owners)


def _step(step: Step) -> DiffStepView:
    resource = step.resource
    return {
        "op": step.op,
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.physical or resource.name,
        "diff": list(step.diff),
        "effect": step.effect,
        "council": resource.council,
        "declaredAt": place(step.after.declared_at if step.after else None),
        "before": place(step.before.declared_at if step.before else None),
    }


def _line(line: Line) -> LineView:
    span = line.after_span or line.before_span
    assert span is not None
    return {
        "path": line.path,
        "line": span.line,
        "revision": "head" if line.after_span else "base",
        "route": ".".join(str(step) for step in line.route),
        "before": line.before,
        "after": line.after,
    }


def _turn(comparison: Comparison, turn: Turn) -> TurnView:
    council, instance, module, site = turn.subject
    return {
        "change": turn.change,
        "partnership": comparison.partnership,
        "council": council,
        "instance": instance,
        "module": module,
        "site": site,
        "before": turn.before.isoformat() if turn.before else None,
        "after": turn.after.isoformat() if turn.after else None,
        "declaredAt": place(turn.declared_at),
    }


def _refused_stacks(comparisons: Iterable[Comparison]) -> list[str]:
    reviews = [review for comparison in comparisons for review in comparison.stacks]
    return [f"{review.stack.name}: {review.reason}" for review in reviews if review.status == REFUSED]


def _judged_steps(comparisons: Iterable[Comparison]) -> list[JudgedStep]:
    """Return the steps of all stacks as the policy judges them."""
    return [
        JudgedStep(review.stack.name, step.op, resource.type, resource.physical or resource.name, step.effect)
        for comparison in comparisons
        for review in comparison.stacks
        for step in review.steps
        for resource in [step.resource]
    ]


def _counts(steps: Iterable[Step], unchanged_count: int) -> StepCounts:
    ops = [step.op for step in steps]
    return counts({op: ops.count(op) for op in OPS} | {"same": unchanged_count})


def _summary(stacks: Iterable[StackDiffView], unchanged_count: int) -> StepCounts:
    """Return the sums of all stacks; `unchanged_count` includes those of stacks in which nothing changes."""
    return {**total([stack["summary"] for stack in stacks]), "same": unchanged_count}
