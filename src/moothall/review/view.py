"""A review as JSON-able data: the shape of every changes view, and what only a review of definitions can say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from moothall.model.effects import DATA_LOSS
from moothall.model.planned import Plan
from moothall.review.causes import Causes
from moothall.review.comparison import REFUSED, Comparison, StackReview
from moothall.review.lines import Line
from moothall.review.policy import refusals
from moothall.review.steps import Step
from moothall.review.terms import Term
from moothall.review.turns import Turn, turns
from moothall.source import Span

OPS = ("create", "update", "replace", "delete")


def view(compared: Sequence[Comparison], lines: Sequence[Line], terms: Sequence[Term]) -> dict[str, object]:
    """Return what changes, because of which lines, with whose agreement, and why it is refused, if it is."""
    stacks = [stack for comparison in compared for stack in _stacks(comparison, lines)]
    policies = {comparison.partnership: comparison.head.policy for comparison in compared if comparison.head}
    same = sum(comparison.unchanged for comparison in compared)
    return {
        "schemaVersion": 1,
        "stacks": stacks,
        "planned": [_turn(each, turn) for each in compared for turn in turns(each.base, each.head)],
        "terms": [{**_line(term.line), "agreement": list(term.agreement)} for term in terms],
        "lines": [_line(line) for line in lines],
        "refusals": [*_refused(compared), *refusals(stacks, policies)],
        "summary": {**_summed(stacks), "same": same},
    }


def _stacks(comparison: Comparison, lines: Iterable[Line]) -> list[dict[str, object]]:
    causes = Causes(comparison, lines)
    return [_stack(comparison, review, causes.of(review)) for review in comparison.stacks]


def _stack(comparison: Comparison, review: StackReview, lines: Iterable[Line]) -> dict[str, object]:
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
        "kept": list(review.kept),
        "failures": [],
        "summary": {**_counts(review.steps), "same": review.unchanged},
    }


def _agreement(review: StackReview, comparison: Comparison) -> list[str]:
    """Return who has to agree: those whom the stack concerns as it was, and as it will be, and whose data is lost."""
    plans: list[Plan] = [plan for plan in (comparison.base, comparison.head) if plan]
    stack = review.stack
    loses = stack.kind == "instance" and any(step.effect == DATA_LOSS for step in review.steps)
    parties = {party for plan in plans for party in plan.consents.get(stack.name, ())}
    whose = {party for plan in plans for party in plan.data_owners.get(stack.unit, ())} if loses else set()
    return sorted(parties | whose)


def _step(step: Step) -> dict[str, object]:
    resource = step.resource
    return {
        "op": step.op,
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.physical or resource.name,
        "diff": list(step.diff),
        "effect": step.effect,
        "council": resource.council,
        "because": _place(step.after.because if step.after else None),
        "before": _place(step.before.because if step.before else None),
    }


def _line(line: Line) -> dict[str, object]:
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


def _turn(comparison: Comparison, turn: Turn) -> dict[str, object]:
    council, instance, module, site = turn.what
    return {
        "change": turn.change,
        "partnership": comparison.partnership,
        "council": council,
        "instance": instance,
        "module": module,
        "site": site,
        "before": turn.before.isoformat() if turn.before else None,
        "after": turn.after.isoformat() if turn.after else None,
        "because": _place(turn.because),
    }


def _place(span: Span | None) -> dict[str, object] | None:
    return {"path": span.path, "line": span.line} if span else None


def _refused(compared: Iterable[Comparison]) -> list[str]:
    reviews = [review for comparison in compared for review in comparison.stacks]
    return [f"{review.stack.name}: {review.reason}" for review in reviews if review.status == REFUSED]


def _counts(steps: Iterable[Step]) -> dict[str, int]:
    ops = [step.op for step in steps]
    return {op: ops.count(op) for op in OPS}


def _summed(stacks: Iterable[Mapping[str, object]]) -> dict[str, int]:
    totals = [stack["summary"] for stack in stacks]
    return {op: sum(total[op] for total in totals) for op in OPS}  # type: ignore[index]
