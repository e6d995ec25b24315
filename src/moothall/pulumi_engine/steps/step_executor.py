"""A real run: each step is announced in the journal, done on the engine, and recorded."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from moothall.pulumi_engine.errors import EngineError
from moothall.pulumi_engine.protocol.goal import Goal, GoalResult
from moothall.pulumi_engine.protocol.resource_types import (
    CONTAINER,
    NETWORK,
    VOLUME,
    Kind,
    wants_running,
    with_defaults,
)
from moothall.pulumi_engine.protocol.urns import name_of
from moothall.pulumi_engine.protocol.values import plain, secret_texts, without_defaults
from moothall.pulumi_engine.provider.port import EndpointLeaked, Live, Provider, StepFailed
from moothall.pulumi_engine.state.records import fresh_record, heard_outputs
from moothall.pulumi_engine.state.redact import redact
from moothall.pulumi_engine.state.snapshot import Pending, Resource
from moothall.pulumi_engine.steps.deletes import Delete, next_wave, without
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import FailedStep, Outcome, Status, Step
from moothall.pulumi_engine.steps.session import Session
from moothall.pulumi_engine.steps.step_generator import Decision
from moothall.pulumi_engine.steps.step_plan import StepPlan

DELETES_AT_ONCE = 16
LOOKS_FOR_LATECOMER = (0, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds of pause before each look
T = TypeVar("T")


@dataclass
class Executor(Session):
    """A session that does what it decides. `save` puts the record on disk; `stop` set means: begin nothing more."""

    plan: StepPlan = field(kw_only=True)
    observer: Observer = field(kw_only=True)
    save: Callable[[], None] = field(kw_only=True)
    stop: threading.Event = field(kw_only=True)
    failures: list[FailedStep] = field(default_factory=list)
    interrupted: bool = False
    _aborted: bool = False
    _gone: set[str] = field(default_factory=set)
    _forced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _started: list[tuple[Step, Provider, str]] = field(default_factory=list)
    _urn_locks: defaultdict[str, threading.RLock] = field(default_factory=lambda: defaultdict(threading.RLock))
    _finished: defaultdict[str, threading.Event] = field(default_factory=lambda: defaultdict(threading.Event))
    _telling: threading.Lock = field(default_factory=threading.Lock)

    def register(self, goal: Goal) -> GoalResult:
        """Do what the goal needs and answer, when those it must wait for are done."""
        makers = self.plan.waits.get(goal.urn, ())
        try:
            for urn in makers:
                self._finished[urn].wait()
            return super().register(goal)
        finally:
            self._finished[goal.urn].set()

    def blocked(self, goal: Goal) -> bool:
        """Whether the goal must not be tried: also when the maker of something that it names by a literal failed."""
        makers = self.plan.waits.get(goal.urn, ())
        return self._aborted or not self.failed.isdisjoint(makers) or super().blocked(goal)

    def abort(self) -> None:
        """The program broke off: what still waits for a registration waits no more, and is not tried."""
        self._aborted = True
        for urns in self.plan.waits.values():
            for urn in urns:
                self._finished[urn].set()

    def gone_ids(self) -> frozenset[str]:
        """The ids of objects that this run has deleted."""
        return frozenset(self._gone)

    def place(self, kind: Kind, goal: Goal, old: Resource | None) -> GoalResult:
        """Bring a Docker object about."""
        with self._urn_locks[old.urn if old else goal.urn]:
            old = self.context.ledger.get(old.urn) if old else None
            decision = self.decide(kind, goal, old, self._forced.get(old.urn) if old else None)
            if decision.step.op == "same" and old is not None:
                self.note_step(decision.step)
                return self.settle_same(kind, decision.goal, old)
            if self.stop.is_set():
                self.interrupted = True
                self.failed.add(goal.urn)
                return GoalResult(goal.urn, failed=True)
            return self._carry_out(kind, decision)

    def _carry_out(self, kind: Kind, decision: Decision) -> GoalResult:
        self.note_step(decision.step)
        goal = decision.goal
        try:
            record = self._timed(decision.step, goal, lambda: self._do(kind, decision))
        except (StepFailed, EngineError):
            self.failed.add(goal.urn)
            return GoalResult(goal.urn, failed=True)
        return GoalResult(goal.urn, record.id, heard_outputs(kind, goal, record, self.context.vault))

    def _do(self, kind: Kind, decision: Decision) -> Resource:
        provider, _ = self.context.engines.at(self._address(decision.goal))
        if decision.step.op == "update":
            return self._update(kind, decision, provider)
        if decision.step.op == "replace" and decision.old is not None and not decision.old.pending_replacement:
            self._clear_way(decision.old)
        return self._create(kind, decision, provider)

    def _update(self, kind: Kind, decision: Decision, provider: Provider) -> Resource:
        old, goal = decision.old, decision.goal
        assert old is not None
        self._begin(Pending(old, "updating"))
        try:
            provider.update(goal.type, old.id, with_defaults(kind, plain(goal.inputs)), decision.changed)
        finally:
            self.context.ledger.end(old.urn)
        record = fresh_record(kind, goal, old, old.id, self.context.vault)
        self._record(decision, record, provider)
        return record

    def _create(self, kind: Kind, decision: Decision, provider: Provider) -> Resource:
        old, goal, inputs = decision.old, decision.goal, with_defaults(kind, plain(decision.goal.inputs))
        announced = replace(fresh_record(kind, goal, old, "", self.context.vault), outputs={}, created="", modified="")
        resumed = self.context.ledger.pending(goal.urn) is not None
        self._begin(Pending(announced, "creating"))
        try:
            id_ = self._make(decision, inputs, provider, resumed=resumed)
        except StepFailed as error:
            self._record_failure(kind, decision, error)
            raise
        record = fresh_record(kind, goal, old, id_, self.context.vault)
        self._record(decision, record, provider)
        return record

    def _make(self, decision: Decision, inputs: dict[str, object], provider: Provider, *, resumed: bool) -> str:
        """Make the object; `resumed` says that a killed run had begun to, whose call may only end now."""
        goal = decision.goal
        adopted = self._adopt(decision.leftover, inputs, provider)
        try:
            return adopted or provider.create(goal.type, inputs)
        except StepFailed as error:
            live = self._latecomer(goal, provider) if resumed and not error.left_id else None
            if live is None:
                raise
        return self._adopt(live, inputs, provider) or provider.create(goal.type, inputs)

    def _latecomer(self, goal: Goal, provider: Provider) -> Live | None:
        """The object of ours that the engine was still making for a killed run when this one looked first."""
        key, value = self.context.run.ownership
        for pause in LOOKS_FOR_LATECOMER:
            time.sleep(pause)
            live = provider.facts().named(goal.type, goal.physical)
            if live is not None:
                return live if live.labels.get(key) == value else None
        return None

    def _adopt(self, leftover: Live | None, inputs: dict[str, object], provider: Provider) -> str:
        """The id of a leftover of ours that is as wanted, or nothing after the way was cleared for a new one."""
        if leftover is None:
            return ""
        if provider.adoptable(leftover, inputs):
            return leftover.id
        if leftover.kind == VOLUME:
            raise StepFailed(f"The volume {leftover.name} exists with another driver or other options.")
        provider.delete(leftover.kind, leftover.id, inputs)
        return ""

    def _record(self, decision: Decision, record: Resource, provider: Provider) -> None:
        self.context.ledger.settle(record, decision.old.urn if decision.old else None)
        self.save()
        if record.type == CONTAINER and wants_running(plain(decision.goal.inputs)):
            self._started.append((decision.step, provider, record.id))

    def _record_failure(self, kind: Kind, decision: Decision, error: StepFailed) -> None:
        """Keep a half-made object in the state, marked so that the next run replaces it."""
        self.context.ledger.end(decision.goal.urn)
        if error.left_id:
            record = fresh_record(kind, decision.goal, decision.old, error.left_id, self.context.vault)
            inputs = decision.goal.inputs
            message = redact(error.message, secret_texts(inputs), str(inputs.get("name", "")))
            record = replace(record, taint=True, init_errors=(message,))
            self.context.ledger.settle(record, decision.old.urn if decision.old else None)
        self.save()

    def _clear_way(self, old: Resource) -> None:
        """Delete an object that is to be replaced, after all that is made from it."""
        for resource in [*self.context.ledger.dependants(old), old]:
            with self._urn_locks[resource.urn]:
                present = self.context.ledger.get(resource.urn)
                if present is None or present.pending_replacement:
                    continue
                if present.type == NETWORK and self.context.run.followers:
                    provider, _ = self.context.engine_of(present)
                    provider.release(present.id, self.context.run.followers)
                self._remove(present, present)
                self._gone.add(present.id)
                self.context.ledger.amend(replace(present, pending_replacement=True))
                keys = sorted(key for key, urns in resource.property_dependencies.items() if old.urn in urns)
                if resource is not old:
                    self._forced[resource.urn] = tuple(keys)

    def _remove(self, resource: Resource, announced: Resource) -> None:
        provider, _ = self.context.engine_of(resource)
        self._begin(Pending(announced, "deleting"))
        try:
            provider.delete(resource.type, resource.id, plain(without_defaults(resource.inputs)))
        finally:
            self.context.ledger.end(resource.urn)

    def _begin(self, pending: Pending) -> None:
        self.context.ledger.begin(pending)
        self.save()

    def delete_all(self, deletes: Sequence[Delete]) -> None:
        """Delete what nobody wants any more, everything that is free at once; stops at the first failure.

        Something that cannot go and holds nothing else up stays alone, with what it needs.
        """
        left = list(deletes)
        while left and all(failure.alone for failure in self.failures):
            if self.stop.is_set():
                self.interrupted = True
                return
            wave = next_wave(left) or left
            with ThreadPoolExecutor(DELETES_AT_ONCE) as pool:
                list(pool.map(self._delete, wave))
            kept = [delete for delete in wave if delete.resource.urn in self.failed]
            left = without([delete for delete in left if delete not in wave], kept)

    def _delete(self, delete: Delete) -> None:
        self.note_step(delete.step)
        if not delete.touches_engine:
            self.context.ledger.drop(delete.resource.urn)
            return
        try:
            self._timed(delete.step, None, lambda: self._remove(delete.resource, delete.resource))
            self.context.ledger.drop(delete.resource.urn)
        except (StepFailed, EngineError):
            self.failed.add(delete.resource.urn)
        self.save()

    def check_running(self) -> None:
        """Look once more at the containers that were started: one that ended since has failed."""
        for provider in {id(entry[1]): entry[1] for entry in self._started}.values():
            facts = provider.facts()
            for step, its_provider, id_ in self._started:
                live = facts.with_id(CONTAINER, id_)
                if its_provider is provider and (live is None or not live.running):
                    self._fail(step, f"{step.physical} was started and has ended since.\n{provider.logs(id_)}".strip())

    def _timed(self, step: Step, goal: Goal | None, work: Callable[[], T]) -> T:
        began = time.monotonic()
        with self._telling:
            self.observer.step_started(self.context.run.stack, step)
        try:
            result = work()
        except (StepFailed, EngineError) as error:
            told = redact(str(error), secret_texts(goal.inputs) if goal else set())
            self._fail(step, told, alone=goal is None and isinstance(error, EndpointLeaked))
            raise
        with self._telling:
            self.observer.step_finished(self.context.run.stack, step, time.monotonic() - began)
        return result

    def _fail(self, step: Step, message: str, *, alone: bool = False) -> None:
        self.failures.append(FailedStep(step.urn, name_of(step.urn), message, alone))
        with self._telling:
            self.observer.step_failed(self.context.run.stack, step, message)

    @property
    def troubled(self) -> bool:
        """Whether anything failed or was not tried."""
        return bool(self.failures or self.errors or self.failed or self.interrupted)

    def outcome(self) -> Outcome:
        """What came of it all."""
        status: Status = (
            "failed" if self.failures or self.errors else "interrupted" if self.interrupted else "succeeded"
        )
        world = [FailedStep("", "", str(error)) for error in self.errors]
        return Outcome(self.context.run.stack, status, tuple(self.steps), (*self.failures, *world))
