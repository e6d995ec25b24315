"""The view of changes: for each stack its steps, whom they concern, what they mean and the YAML line behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from moothall.deploy.changes import OPS, StackChange
from moothall.deploy.effects import effect
from moothall.model import filesname
from moothall.model.outcome import CheckResult
from moothall.model.planned import Plan, Stack, TenantPlan
from moothall.model.stackname import parts
from moothall.pulumi_engine.steps.events import detailed_diff, top_level_properties
from moothall.pulumi_engine.steps.outcome import Step
from moothall.report.positions import place
from moothall.report.steps import FailureView, StepCounts, StepView, counts, total
from moothall.source import Span

KIND = "changes"


class ChangeStepView(StepView):
    """A step, with Pulumi's own `detailedDiff` of it and the top-level properties that make a replacement necessary."""

    detailedDiff: dict[str, Any] | None
    replaceReasons: list[str]


class StackChangeView(TypedDict):
    """What is planned for, or was done to, one stack; `hint` is the command to run where it could not be done."""

    stack: str
    site: str
    status: str
    reason: str
    hint: str
    steps: list[ChangeStepView]
    failures: list[FailureView]
    summary: StepCounts


class AddressView(TypedDict):
    """Where a tenant is reached: `url` on this machine, where a port is published."""

    council: str
    instance: str
    url: str | None
    hostName: str
    database: str


class WaitingView(TypedDict):
    """A tenant that does not answer yet, and the command that says why."""

    id: str
    subject: str
    detail: str
    hint: str


class ChangesView(TypedDict):
    """Changes of stacks.

    `refusals` are the sentences that say why `up` would not make them, of a preview; `tenants` and those of them that
    are `waiting` to be reached are members after `up` only.
    """

    schemaVersion: int
    stacks: list[StackChangeView]
    summary: StepCounts
    refusals: NotRequired[list[str]]
    tenants: NotRequired[list[AddressView]]
    waiting: NotRequired[list[WaitingView]]


def view(changes: Iterable[StackChange], plans: Iterable[Plan], retry_command: str = "") -> ChangesView:
    """Return the view of changes; `retry_command` is the command to run again where steps failed."""
    stacks = {stack.name: stack for plan in plans for stack in plan.stacks}
    stack_views = [
        _stack(change, stacks.get(change.stack), retry_command) for change in sorted(changes, key=lambda c: c.stack)
    ]
    return {"schemaVersion": 1, "stacks": stack_views, "summary": total([change["summary"] for change in stack_views])}


def join(former: ChangesView, latter: ChangesView) -> ChangesView:
    """Return the view of two runs of the same change, the latter after a former one in which nothing failed.

    Of an object that both have changed the former step is shown.
    """
    former_steps = {stack["stack"]: stack["steps"] for stack in former["stacks"]}
    stack_views = [_with_steps(stack, former_steps.get(stack["stack"], [])) for stack in latter["stacks"]]
    return {**latter, "stacks": stack_views, "summary": total([stack["summary"] for stack in stack_views])}


def _with_steps(stack: StackChangeView, former_steps: list[ChangeStepView]) -> StackChangeView:
    known_urns = {step["urn"] for step in former_steps}
    steps = [*former_steps, *(step for step in stack["steps"] if step["urn"] not in known_urns)]
    failed_urns = {failure["urn"] for failure in stack["failures"]}
    numbers = {op: sum(step["op"] == op and step["urn"] not in failed_urns for step in steps) for op in OPS}
    resources = sum(number for op, number in stack["summary"].items() if op != "delete")  # type: ignore[misc]
    changed = sum(numbers[op] for op in OPS if op != "delete")
    status = "succeeded" if steps and stack["status"] == "unchanged" else stack["status"]
    return {**stack, "status": status, "steps": steps, "summary": counts({**numbers, "same": resources - changed})}


def address(tenant: TenantPlan) -> AddressView:
    """Return where a tenant is reached."""
    return {
        "council": tenant.council,
        "instance": tenant.instance,
        "url": tenant.local_access_url,
        "hostName": tenant.host_name,
        "database": tenant.database,
    }


def waiting_view(result: CheckResult, hint: str) -> WaitingView:
    """Return the view of a tenant that does not answer yet; `hint` is the command for one that has none of its own."""
    return {"id": result.id, "subject": result.subject, "detail": result.detail, "hint": result.hint or hint}


def _stack(change: StackChange, stack: Stack | None, retry_command: str) -> StackChangeView:
    objects = _objects_by_name(stack) if stack else {}
    return {
        "stack": change.stack,
        "site": stack.site if stack else change.stack.rsplit(".", 1)[-1],
        "status": change.status,
        "reason": change.reason,
        "hint": change.hint or (retry_command if change.failures else ""),
        "steps": [_step(step, objects, change.stack, stack) for step in change.steps if step.op != "same"],
        "failures": [{"urn": f.urn, "name": f.name, "message": f.message} for f in change.failures],
        "summary": counts(change.counts()),
    }


@dataclass(frozen=True)
class _Object:
    declared_at: Span
    data: bool
    council: str | None


def _objects_by_name(stack: Stack) -> Mapping[str, _Object]:
    networks = {n.name: _Object(n.declared_at, False, stack.council) for n in stack.networks}
    volumes = {v.name: _Object(v.declared_at, v.data, stack.council) for v in stack.volumes}
    containers = {c.name: _Object(c.declared_at, False, c.council) for c in stack.containers}
    return {**networks, **volumes, **containers}


def _step(step: Step, objects: Mapping[str, _Object], name: str, stack: Stack | None) -> ChangeStepView:
    planned_object = objects.get(step.physical) or objects.get(filesname.owner(step.physical) or "")
    # What is in no plan any more may be data: only the engine's protection still tells.
    data = planned_object.data if planned_object else step.protected
    council = planned_object.council if planned_object else (stack.council if stack else parts(name).unit)
    return {
        "op": step.op,
        "urn": step.urn,
        "type": step.type,
        "name": step.physical or step.name,
        "diff": list(step.diff),
        "detailedDiff": detailed_diff(step, "kind"),
        "replaceReasons": top_level_properties(step.replace_keys),
        "effect": effect(step, data=data),
        "council": council,
        "declaredAt": place(planned_object.declared_at if planned_object else None),
    }
