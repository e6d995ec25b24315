"""Deleting a stack from its state alone."""

from __future__ import annotations

import threading

from moothall.pulumi_engine.provider.port import Connect
from moothall.pulumi_engine.state import checkpoint, history, lock
from moothall.pulumi_engine.state.backend import Backend, StackRun
from moothall.pulumi_engine.state.ledger import Ledger, uses
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot
from moothall.pulumi_engine.state.snapshot_manager import SnapshotManager
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.deletes import Delete
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import Outcome
from moothall.pulumi_engine.steps.session import Engines, OperationContext
from moothall.pulumi_engine.steps.step_executor import StepExecutor
from moothall.pulumi_engine.steps.step_plan import StepPlan


def planned_deletes(snapshot: Snapshot, *, with_data: bool) -> list[Delete]:
    """What a destroy deletes, dependants first; without data, protected resources and all that they need stay."""
    kept_urns = set() if with_data else _needed_urns([item for item in snapshot.resources if item.protect], snapshot)
    resources = [resource for resource in reversed(snapshot.resources) if resource.urn not in kept_urns]
    return [Delete(resource, with_data=with_data) for resource in resources]


class Destruction:
    """One destroy of one stack; `ownership` is the label that its objects carry."""

    def __init__(
        self, stack: tuple[str, str], backend: Backend, ownership: tuple[str, str], connect: Connect, *, with_data: bool
    ) -> None:
        self._run = StackRun(*stack, lambda: None, ownership)
        self._backend = backend
        self._connect = connect
        self._with_data = with_data

    def run(self, observer: Observer, stop: threading.Event) -> Outcome:
        """Delete; raises EngineError before anything is touched."""
        with lock.hold(self._backend, self._run.project, self._run.stack, observer):
            snapshot = checkpoint.fold(self._backend, self._run.project, self._run.stack)
            ledger = Ledger(snapshot, journaled=True)
            context = OperationContext(
                self._run, ledger, Vault(self._backend, snapshot.salt_line), Engines(self._connect)
            )
            deletes = [*self._leftovers(snapshot, context), *planned_deletes(snapshot, with_data=self._with_data)]
            self._check(deletes, context)
            observer.steps_planned(self._run.stack, [delete.step for delete in deletes])
            return self._delete(context, deletes, SnapshotManager(context, self._backend, snapshot), observer, stop)

    def _delete(
        self,
        context: OperationContext,
        deletes: list[Delete],
        snapshots: SnapshotManager,
        observer: Observer,
        stop: threading.Event,
    ) -> Outcome:
        plan = StepPlan((), tuple(deletes), {}, unchanged=False)
        executor = StepExecutor(context, plan=plan, observer=observer, save=snapshots.save, stop=stop)
        try:
            executor.delete_all(deletes)
            if not executor.has_trouble:
                context.ledger.forget_pending()
        finally:
            snapshots.finish()
        outcome = executor.outcome()
        history.keep(self._backend, self._run.project, self._run.stack, "destroy", outcome.status)
        return outcome

    def _leftovers(self, snapshot: Snapshot, context: OperationContext) -> list[Delete]:
        """Objects that a killed run had begun to make."""
        return [Delete(resource) for resource in context.abandoned_objects(with_data=self._with_data)]

    def _check(self, deletes: list[Delete], context: OperationContext) -> None:
        for delete in deletes:
            if delete.touches_engine:
                context.check_users(delete.resource)
                context.check_owner(delete.resource)


def _needed_urns(roots: list[Resource], snapshot: Snapshot) -> set[str]:
    """The URNs of resources and of everything that they need, in any way."""
    needed_urns = {resource.urn for resource in roots}
    for resource in reversed(snapshot.resources):
        users = [other for other in snapshot.resources if other.urn in needed_urns]
        if any(uses(user, resource) for user in users):
            needed_urns.add(resource.urn)
    return needed_urns
