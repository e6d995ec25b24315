"""Making a lost state again: the program says what there should be, the engine what there is.

What carries the stack's label under the wanted name, and is what the program asks for, is recorded with its id as if
it had just been made. Nothing on the engine is changed. What is not as wanted is left out: the next `up` recreates it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moothall.model.engines import Endpoint
from moothall.pulumi_engine.observe.drift import changes
from moothall.pulumi_engine.observe.drift_scan import observe, recorded_files
from moothall.pulumi_engine.protocol.goal import Goal, GoalResult
from moothall.pulumi_engine.protocol.program import run_program
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, VOLUME, Kind, check, outputs, wants_running
from moothall.pulumi_engine.protocol.values import UNKNOWN, has_unknown, plain
from moothall.pulumi_engine.provider.engine import connect
from moothall.pulumi_engine.provider.inspection import Inspection
from moothall.pulumi_engine.provider.port import Live
from moothall.pulumi_engine.state import checkpoint, history, lock
from moothall.pulumi_engine.state.backend import Backend, StackRun
from moothall.pulumi_engine.state.ledger import Ledger
from moothall.pulumi_engine.state.records import fresh_record
from moothall.pulumi_engine.state.repair import put_aside
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.observer import SILENT, Observer
from moothall.pulumi_engine.steps.outcome import Op, Outcome, Step
from moothall.pulumi_engine.steps.session import Engines, OperationContext, Session, needs_of


def rebuild(
    run: StackRun, backend: Backend, *, observer: Observer = SILENT, stop: threading.Event | None = None
) -> Outcome:
    """Make the state of a stack from its program and its engine; it has the shape of `up`, but changes no engine.

    A state that is there is put aside. The steps are `same` for what was found and `create` for what the next `up`
    will make; the status is `succeeded` only if there is none of these. Raises EngineError.
    """
    with lock.hold(backend, run.project, run.stack, observer):
        vault = Vault(backend, None, lambda: checkpoint.sibling_salt(backend, run.project, run.stack))
        rebuilder = Rebuilder(OperationContext(run, Ledger(Snapshot()), vault, Engines(connect)))
        run_program(run, rebuilder, lambda text: observer.note(run.stack, text), dry_run=True)
        if rebuilder.errors:
            raise rebuilder.errors[0]
        for path in (backend.journal(run.project, run.stack), backend.checkpoint(run.project, run.stack)):
            put_aside(path)
        checkpoint.save(backend, run.project, run.stack, rebuilder.context.ledger.snapshot(vault.salt_line))
        history.keep(backend, run.project, run.stack, "rebuilt from the engine", "succeeded")
    steps = tuple(step for step in rebuilder.steps if step.physical)
    return Outcome(run.stack, "succeeded" if all(step.op == "same" for step in steps) else "previewed", steps)


class RebuildingEngine:
    """Runs programs as `rest` does, but for `up`, which makes the state again."""

    def __init__(self, rest: Any) -> None:
        self._rest = rest
        self.up = rebuild

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rest, name)


@dataclass
class Rebuilder(Session):
    """A session that records what it finds."""

    inspections: dict[Endpoint, Inspection] = field(default_factory=dict)

    def place(self, kind: Kind, goal: Goal, old: Resource | None) -> GoalResult:
        """Record the object if it is there and as wanted."""
        check(kind, goal.inputs, goal.urn)
        address = self._address(goal)
        live = self.context.engines.connect_to(address)[1].with_name(goal.type, goal.physical)
        matches = live is not None and self._matches_goal(goal, live, self._inspection(address))
        op: Op = "same" if matches else "create"
        self.note_step(Step(op, goal.urn, goal.type, goal.name, physical=goal.physical, protected=goal.protect))
        if live is None or not matches:
            return GoalResult(goal.urn, "", outputs(kind, dict(goal.inputs), UNKNOWN))
        record = fresh_record(kind, goal, None, live.id, self.context.vault)
        self.context.ledger.settle(record)
        return GoalResult(goal.urn, live.id, {**outputs(kind, dict(goal.inputs), live.id)})

    def _inspection(self, address: Endpoint) -> Inspection:
        return self.inspections.setdefault(address, Inspection(address))

    def _matches_goal(self, goal: Goal, live: Live, inspection: Inspection) -> bool:
        key, value = self.context.run.ownership
        needs_exist = all(self.context.ledger.get(urn) is not None for urn in needs_of(goal))
        if live.labels.get(key) != value or not needs_exist or has_unknown(goal.inputs):
            return False
        inspected = inspection.object(goal.type, live.id)
        if inspected is None:
            return False
        inputs, files = plain(goal.inputs), recorded_files(plain(goal.inputs))
        differing_properties = {
            name for name, _, _ in changes(goal.type, inputs, files, observe(inputs, files, inspected, inspection))
        }
        if goal.type == VOLUME:
            return differing_properties.isdisjoint({"driver", "driverOpts"})
        return not differing_properties and (goal.type != CONTAINER or _is_in_goal_state(inputs, inspected["State"]))


def _is_in_goal_state(inputs: Mapping[str, Any], state: Mapping[str, Any]) -> bool:
    """Whether a service runs, a waiting container does not, and a job has ended well."""
    should_run = wants_running(inputs)
    if should_run is not None:
        return should_run is bool(state["Running"])
    return bool(state["Status"] == "exited" and state["ExitCode"] == 0)
