"""The operations on one stack that need its program: preview and up."""

from __future__ import annotations

import threading
from dataclasses import replace

from moothall.pulumi_engine.protocol.program import call_program, run_program
from moothall.pulumi_engine.provider.port import Connect
from moothall.pulumi_engine.state import checkpoint, history, lock
from moothall.pulumi_engine.state.backend import Backend, StackRun
from moothall.pulumi_engine.state.ledger import Ledger
from moothall.pulumi_engine.state.snapshot import Snapshot
from moothall.pulumi_engine.state.snapshot_manager import SnapshotManager
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.apply_goals import apply_goals
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import Outcome
from moothall.pulumi_engine.steps.session import Engines, OperationContext
from moothall.pulumi_engine.steps.step_executor import StepExecutor
from moothall.pulumi_engine.steps.step_plan import Planner, StepPlan


class Operation:
    """One operation on one stack: the state as it was found, and the engines, looked at once."""

    def __init__(self, run: StackRun, backend: Backend, observer: Observer, connect: Connect) -> None:
        self._run = run
        self._backend = backend
        self._observer = observer
        self._engines = Engines(connect)

    def preview(self) -> Outcome:
        """What `up` would do; takes no lock, changes nothing, writes nothing."""
        plan, _ = self._plan(checkpoint.load(self._backend, self._run.project, self._run.stack))
        self._observer.steps_planned(self._run.stack, plan.all_steps)
        return Outcome(self._run.stack, "previewed", plan.all_steps)

    def up(self, stop: threading.Event) -> Outcome:
        """Make the stack as the program says."""
        with lock.hold(self._backend, self._run.project, self._run.stack, self._observer):
            snapshot = checkpoint.fold(self._backend, self._run.project, self._run.stack)
            plan, vault = self._plan(snapshot)
            self._observer.steps_planned(self._run.stack, plan.all_steps)
            if plan.unchanged:
                return Outcome(self._run.stack, "succeeded", plan.all_steps)
            return self._execute(plan, snapshot, vault, stop)

    def _context(self, ledger: Ledger, vault: Vault) -> OperationContext:
        return OperationContext(self._run, ledger, vault, self._engines)

    def _plan(self, snapshot: Snapshot) -> tuple[StepPlan, Vault]:
        sibling = None if snapshot.salt_line else self._sibling_salt
        vault = Vault(self._backend, snapshot.salt_line, sibling)
        planner = Planner(self._context(Ledger(snapshot), vault))
        run_program(self._run, planner, self._tell, dry_run=True)
        return planner.finish(), vault

    def _sibling_salt(self) -> str | None:
        return checkpoint.sibling_salt(self._backend, self._run.project, self._run.stack)

    def _execute(self, plan: StepPlan, snapshot: Snapshot, vault: Vault, stop: threading.Event) -> Outcome:
        context = self._context(Ledger(snapshot, journaled=True), vault)
        snapshots = SnapshotManager(context, self._backend, snapshot)
        executor = StepExecutor(context, plan=plan, observer=self._observer, save=snapshots.save, stop=stop)
        try:
            self._make(plan, executor)
            if not executor.has_trouble:
                executor.delete_all(plan.deletes)
            if not executor.has_trouble:
                context.ledger.forget_pending()
                executor.check_running()
        finally:
            snapshots.finish()
        outcome = executor.outcome()
        history.keep(self._backend, self._run.project, self._run.stack, "up", outcome.status)
        return outcome

    def _make(self, plan: StepPlan, executor: StepExecutor) -> None:
        """Make everything that the program asks for."""
        if self._run.declarative and plan.program_goals.has_no_unknowns:
            apply_goals(plan.program_goals, plan.waits, executor)
        else:
            run_program(self._run_with_abort(executor), executor, self._tell, dry_run=False)

    def _run_with_abort(self, executor: StepExecutor) -> StackRun:
        async def program() -> None:
            try:
                await call_program(self._run.program)
            except BaseException:
                executor.abort()
                raise

        return replace(self._run, program=program, declarative=False)

    def _tell(self, text: str) -> None:
        self._observer.note(self._run.stack, text)
