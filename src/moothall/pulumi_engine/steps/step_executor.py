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
from moothall.pulumi_engine.state.records import fresh_record, program_outputs
from moothall.pulumi_engine.state.redact import redact
from moothall.pulumi_engine.state.snapshot import Pending, Resource
from moothall.pulumi_engine.steps.deletes import Delete, next_wave, still_deletable
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import FailedStep, Outcome, Status, Step
from moothall.pulumi_engine.steps.session import Session
from moothall.pulumi_engine.steps.step_generator import Decision
from moothall.pulumi_engine.steps.step_plan import StepPlan

DELETES_AT_ONCE = 16
LOOKS_FOR_LATECOMER = (0, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds of pause before each look
T = TypeVar("T")


@dataclass
class StepExecutor(Session):
    """A session that does what it decides. `save` puts the record on disk; `stop` set means: begin nothing more."""

    plan: StepPlan = field(kw_only=True)
    observer: Observer = field(kw_only=True)
    save: Callable[[], None] = field(kw_only=True)
    stop: threading.Event = field(kw_only=True)
    failures: list[FailedStep] = field(default_factory=list)
    interrupted: bool = False
    _is_aborted: bool = False
    _deleted_ids: set[str] = field(default_factory=set)
    _forced_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _started_containers: list[tuple[Step, Provider, str]] = field(default_factory=list)
    _urn_locks: defaultdict[str, threading.RLock] = field(default_factory=lambda: defaultdict(threading.RLock))
    _finished_events: defaultdict[str, threading.Event] = field(default_factory=lambda: defaultdict(threading.Event))
    _observer_lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, goal: Goal) -> GoalResult:
        """Do what the goal needs and answer, when those it must wait for are done."""
        makers = self.plan.waits.get(goal.urn, ())
        try:
            for urn in makers:
                self._finished_events[urn].wait()
            return super().register(goal)
        finally:
            self._finished_events[goal.urn].set()

    def is_blocked(self, goal: Goal) -> bool:
        """Whether the goal must not be tried: also when the maker of something that it names by a literal failed."""
        makers = self.plan.waits.get(goal.urn, ())
        return self._is_aborted or not self.failed_urns.isdisjoint(makers) or super().is_blocked(goal)

    def abort(self) -> None:
        """The program broke off: what still waits for a registration waits no more, and is not tried."""
        self._is_aborted = True
        for urns in self.plan.waits.values():
            for urn in urns:
                self._finished_events[urn].set()

    def deleted_ids(self) -> frozenset[str]:
        """The ids of objects that this run has deleted."""
        return frozenset(self._deleted_ids)

    def place(self, kind: Kind, goal: Goal, old: Resource | None) -> GoalResult:
        """Bring a Docker object about."""
        with self._urn_locks[old.urn if old else goal.urn]:
            old = self.context.ledger.get(old.urn) if old else None
            decision = self.decide(kind, goal, old, self._forced_keys.get(old.urn) if old else None)
            if decision.step.op == "same" and old is not None:
                self.note_step(decision.step)
                return self.settle_same(kind, decision.goal, old)
            if self.stop.is_set():
                self.interrupted = True
                self.failed_urns.add(goal.urn)
                return GoalResult(goal.urn, failed=True)
            return self._carry_out(kind, decision)

    def _carry_out(self, kind: Kind, decision: Decision) -> GoalResult:
        self.note_step(decision.step)
        goal = decision.goal
        try:
            record = self._timed(decision.step, goal, lambda: self._execute(kind, decision))
        except (StepFailed, EngineError):
            self.failed_urns.add(goal.urn)
            return GoalResult(goal.urn, failed=True)
        return GoalResult(goal.urn, record.id, program_outputs(kind, goal, record, self.context.vault))

    def _execute(self, kind: Kind, decision: Decision) -> Resource:
        provider, _ = self.context.engines.connect_to(self._address(decision.goal))
        if decision.step.op == "update":
            return self._update(kind, decision, provider)
        if decision.step.op == "replace" and decision.old is not None and not decision.old.pending_replacement:
            self._delete_before_replace(decision.old)
        return self._create(kind, decision, provider)

    def _update(self, kind: Kind, decision: Decision, provider: Provider) -> Resource:
        old, goal = decision.old, decision.goal
        assert old is not None
        self._begin(Pending(old, "updating"))
        try:
            provider.update(goal.type, old.id, with_defaults(kind, plain(goal.inputs)), decision.changed_properties)
        finally:
            self.context.ledger.end(old.urn)
        record = fresh_record(kind, goal, old, old.id, self.context.vault)
        self._record(decision, record, provider)
        return record

    def _create(self, kind: Kind, decision: Decision, provider: Provider) -> Resource:
        old, goal, inputs = decision.old, decision.goal, with_defaults(kind, plain(decision.goal.inputs))
        pending_record = replace(
            fresh_record(kind, goal, old, "", self.context.vault), outputs={}, created="", modified=""
        )
        is_resumed = self.context.ledger.pending(goal.urn) is not None
        self._begin(Pending(pending_record, "creating"))
        try:
            id_ = self._make(decision, inputs, provider, is_resumed=is_resumed)
        except StepFailed as error:
            self._record_failure(kind, decision, error)
            raise
        record = fresh_record(kind, goal, old, id_, self.context.vault)
        self._record(decision, record, provider)
        return record

    def _make(self, decision: Decision, inputs: dict[str, object], provider: Provider, *, is_resumed: bool) -> str:
        """Make the object; `is_resumed` says that a killed run had begun to, whose call may only end now."""
        goal = decision.goal
        adopted_id = self._adopt(decision.leftover, inputs, provider)
        try:
            return adopted_id or provider.create(goal.type, inputs)
        except StepFailed as error:
            live = self._latecomer(goal, provider) if is_resumed and not error.left_id else None
            if live is None:
                raise
        return self._adopt(live, inputs, provider) or provider.create(goal.type, inputs)

    def _latecomer(self, goal: Goal, provider: Provider) -> Live | None:
        """The object of ours that the engine was still making for a killed run when this one looked first."""
        key, value = self.context.run.ownership
        for pause in LOOKS_FOR_LATECOMER:
            time.sleep(pause)
            live = provider.facts().with_name(goal.type, goal.physical)
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
            self._started_containers.append((decision.step, provider, record.id))

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

    def _delete_before_replace(self, old: Resource) -> None:
        """Delete an object that is to be replaced, after all that is made from it."""
        for resource in [*self.context.ledger.dependants(old), old]:
            with self._urn_locks[resource.urn]:
                current = self.context.ledger.get(resource.urn)
                if current is None or current.pending_replacement:
                    continue
                if current.type == NETWORK and self.context.run.followers:
                    provider, _ = self.context.engine_of(current)
                    provider.release(current.id, self.context.run.followers)
                self._remove(current, current)
                self._deleted_ids.add(current.id)
                self.context.ledger.amend(replace(current, pending_replacement=True))
                keys = sorted(key for key, urns in resource.property_dependencies.items() if old.urn in urns)
                if resource is not old:
                    self._forced_keys[resource.urn] = tuple(keys)

    def _remove(self, resource: Resource, pending_record: Resource) -> None:
        provider, _ = self.context.engine_of(resource)
        self._begin(Pending(pending_record, "deleting"))
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
        remaining = list(deletes)
        while remaining and all(failure.blocks_nothing for failure in self.failures):
            if self.stop.is_set():
                self.interrupted = True
                return
            wave = next_wave(remaining) or remaining
            with ThreadPoolExecutor(DELETES_AT_ONCE) as pool:
                list(pool.map(self._delete, wave))
            undeletable = [delete for delete in wave if delete.resource.urn in self.failed_urns]
            remaining = still_deletable([delete for delete in remaining if delete not in wave], undeletable)

    def _delete(self, delete: Delete) -> None:
        self.note_step(delete.step)
        if not delete.touches_engine:
            self.context.ledger.drop(delete.resource.urn)
            return
        try:
            self._timed(delete.step, None, lambda: self._remove(delete.resource, delete.resource))
            self.context.ledger.drop(delete.resource.urn)
        except (StepFailed, EngineError):
            self.failed_urns.add(delete.resource.urn)
        self.save()

    def check_running(self) -> None:
        """Look once more at the containers that were started: one that ended since has failed."""
        for provider in {id(started[1]): started[1] for started in self._started_containers}.values():
            facts = provider.facts()
            for step, own_provider, id_ in self._started_containers:
                live = facts.with_id(CONTAINER, id_)
                if own_provider is provider and (live is None or not live.running):
                    self._fail(step, f"{step.physical} was started and has ended since.\n{provider.logs(id_)}".strip())

    def _timed(self, step: Step, goal: Goal | None, work: Callable[[], T]) -> T:
        start_time = time.monotonic()
        with self._observer_lock:
            self.observer.step_started(self.context.run.stack, step)
        try:
            result = work()
        except (StepFailed, EngineError) as error:
            message = redact(str(error), secret_texts(goal.inputs) if goal else set())
            self._fail(step, message, blocks_nothing=goal is None and isinstance(error, EndpointLeaked))
            raise
        with self._observer_lock:
            self.observer.step_finished(self.context.run.stack, step, time.monotonic() - start_time)
        return result

    def _fail(self, step: Step, message: str, *, blocks_nothing: bool = False) -> None:
        self.failures.append(FailedStep(step.urn, name_of(step.urn), message, blocks_nothing))
        with self._observer_lock:
            self.observer.step_failed(self.context.run.stack, step, message)

    @property
    def has_trouble(self) -> bool:
        """Whether anything failed or was not tried."""
        return bool(self.failures or self.errors or self.failed_urns or self.interrupted)

    def outcome(self) -> Outcome:
        """What came of it all."""
        status: Status = (
            "failed" if self.failures or self.errors else "interrupted" if self.interrupted else "succeeded"
        )
        engine_failures = [FailedStep("", "", str(error)) for error in self.errors]
        return Outcome(self.context.run.stack, status, tuple(self.steps), (*self.failures, *engine_failures))
