"""Changes as a view: for each stack its steps, whom they concern, what they mean and the YAML line behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moothall.deploy.effects import effect
from moothall.model import filesname
from moothall.model.planned import Plan, Stack
from moothall.model.stackname import parts
from moothall.pulumi_engine.steps.events import detailed_diff, tops
from moothall.pulumi_engine.steps.outcome import Failure, Step
from moothall.source import Span

OPS = ("create", "update", "replace", "delete", "same")


@dataclass(frozen=True)
class StackChange:
    """What is planned for, or was done to, one stack; `unchanged` resources were not even looked at one by one.

    Where it could not be done, `mend` is the command that leads on, empty where that is the same one again.
    `stands` says of one that could not be looked at that it was as planned when it was.
    """

    stack: str
    status: str
    steps: tuple[Step, ...] = ()
    unchanged: int = 0
    failures: tuple[Failure, ...] = ()
    reason: str = ""
    mend: str = ""
    stands: bool = False

    def counts(self) -> dict[str, int]:
        """Return the number of resources for each kind of step; one that failed is none."""
        failed = {failure.urn for failure in self.failures}
        found = {op: sum(1 for step in self.steps if step.op == op and step.urn not in failed) for op in OPS}
        return found | {"same": found["same"] + self.unchanged}

    @property
    def changes(self) -> bool:
        """Say whether anything changes."""
        return any(step.op != "same" for step in self.steps)


def view(changes: Iterable[StackChange], plans: Iterable[Plan], again: str = "") -> dict[str, object]:
    """Return the changes as JSON-able data; `again` is the command that goes on where steps failed."""
    stacks = {stack.name: stack for plan in plans for stack in plan.stacks}
    shown = [_stack(change, stacks.get(change.stack), again) for change in sorted(changes, key=lambda c: c.stack)]
    totals = [change["summary"] for change in shown]
    return {
        "schemaVersion": 1,
        "stacks": shown,
        "summary": {op: sum(total[op] for total in totals) for op in OPS},  # type: ignore[index]
    }


def _stack(change: StackChange, stack: Stack | None, again: str) -> dict[str, object]:
    known = _known(stack) if stack else {}
    return {
        "stack": change.stack,
        "site": stack.site if stack else change.stack.rsplit(".", 1)[-1],
        "status": change.status,
        "reason": change.reason,
        "mend": change.mend or (again if change.failures else ""),
        "steps": [_step(step, known, change.stack, stack) for step in change.steps if step.op != "same"],
        "failures": [{"urn": f.urn, "name": f.name, "message": f.message} for f in change.failures],
        "summary": change.counts(),
    }


@dataclass(frozen=True)
class _Object:
    because: Span
    data: bool
    council: str | None


def _known(stack: Stack) -> Mapping[str, _Object]:
    networks = {n.name: _Object(n.because, False, stack.council) for n in stack.networks}
    volumes = {v.name: _Object(v.because, v.data, stack.council) for v in stack.volumes}
    containers = {c.name: _Object(c.because, False, c.council) for c in stack.containers}
    return {**networks, **volumes, **containers}


def _step(step: Step, known: Mapping[str, _Object], name: str, stack: Stack | None) -> dict[str, object]:
    planned = known.get(step.physical) or known.get(filesname.owner(step.physical) or "")
    # What is in no plan any more may be data: only the engine's protection still tells.
    data = planned.data if planned else step.protected
    council = planned.council if planned else (stack.council if stack else parts(name).unit)
    return {
        "op": step.op,
        "urn": step.urn,
        "type": step.type,
        "name": step.physical or step.name,
        "diff": list(step.diff),
        "detailedDiff": detailed_diff(step, "kind"),
        "replaceReasons": tops(step.replace_keys),
        "effect": effect(step, data=data),
        "council": council,
        "because": {"path": planned.because.path, "line": planned.because.line} if planned else None,
    }
