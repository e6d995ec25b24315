"""One restore, step by step: the copy beside, the comparison, the swap, and what was set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive, OperationError
from moothall.model.engines import Engines
from moothall.model.planned import Container
from moothall.operations.restore import copy, instance, tenant
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.comparison import TenantComparison
from moothall.operations.restore.copy import SECONDS
from moothall.operations.restore.side_copy import SideCopy, compare_tenants, have_copy
from moothall.operations.restore.subject import Subject, primary
from moothall.operations.restore.swap import SwapResult, restart_waiting_applications, run_swap
from moothall.ports import Progress, Vault
from moothall.verify.deployed import recovery_hint


class Restore:
    """What is restored, where, and with which secrets. Every step raises OperationError."""

    def __init__(
        self, subject: Subject, engines: Engines, vault: Vault, progress: Progress, repeat_command: Callable[..., str]
    ) -> None:
        """Take the subject, the engines of its sites, the partnership's secrets, and where progress is reported.

        `repeat_command` returns the command that was given, with more words: it goes on where a step failed.
        """
        self._subject = subject
        self._engines = engines
        self._engine_pool = EnginePool(subject.plan, engines, SECONDS)
        self._vault = vault
        self._progress = progress
        self._repeat_command = repeat_command
        self._side_copy: SideCopy | None = None

    def restore_beside(self, target: RecoveryTarget) -> tuple[SideCopy, list[TenantComparison]]:
        """Have a copy as of the moment and return it compared with what runs; that is not touched."""
        with self._operation_errors("Nothing that runs was touched."):
            self._side_copy = have_copy(self._subject, target, self._engine_pool, self._vault, self._progress)
            return self._side_copy, compare_tenants(self._subject, self._side_copy, self._engine_pool)

    def former_states(self) -> tuple[str, ...]:
        """Return the names of the former states that are kept, the newest last."""
        with self._operation_errors("Nothing was touched."):
            return self._find_former_states()

    def swap(self) -> SwapResult:
        """Put the copy's state in the place of what runs, which is kept."""
        assert self._side_copy is not None
        with self._operation_errors(
            f"What ran before is kept, and runs again if it was stopped: {self._undo_advice()}", *self._confirm_options
        ):
            server = self._server()
            if not self._subject.council:
                source = instance.prepare(server, self._side_copy.restore_options, self._engine_pool, self._progress)
                return self._put_in_place(lambda server: self._put_cluster(server, source))
            tenant.bring(self._subject, server, self._engine_pool, self._progress)
            [tenant_plan] = self._subject.tenants
            return self._put_in_place(
                lambda server: tenant.swap(tenant_plan, tenant.staging(tenant_plan), server, self._engine_pool)
            )

    def undo(self) -> SwapResult:
        """Put the newest former state back in place; the present one is then the newest former one."""
        with self._operation_errors(f"What ran before is kept: {self._undo_advice()}", *self._confirm_options):
            former_states = self._find_former_states()
            if not former_states:
                what = f"no former state of {self._subject.name} is kept"
                hint = f"moothall restore {self._subject.words}  # from the backups"
                raise OperationError(what, state="Nothing was touched.", hint=hint)
            if not self._subject.council:
                return self._put_in_place(lambda server: self._put_cluster(server, [f"there:{former_states[-1]}"]))
            [tenant_plan] = self._subject.tenants
            return self._put_in_place(
                lambda server: tenant.swap(tenant_plan, former_states[-1], server, self._engine_pool)
            )

    def forget(self) -> tuple[str, ...]:
        """Remove the copy and every former state, and return the names of those."""
        with self._operation_errors("What runs was not touched.", *self._confirm_options):
            former_states = self._find_former_states()
            if self._subject.council:
                tenant.forget(former_states, self._server(), self._engine_pool)
            elif former_states:
                instance.forget(former_states, self._server(), self._engine_pool)
            copy.discard(self._engine_pool.of(self._subject.backup.repository), self._subject.plan.partnership)
            return former_states

    def _find_former_states(self) -> tuple[str, ...]:
        if self._subject.council:
            return tenant.former_databases(self._subject.tenants[0], self._server(), self._engine_pool)
        return instance.former_clusters(self._server(), self._engine_pool)

    def _put_in_place(self, put: Callable[[Container], str]) -> SwapResult:
        server = self._server()
        applications = [self._subject.application(tenant_plan, server) for tenant_plan in self._subject.tenants]
        result = run_swap(
            self._subject,
            self._engine_pool,
            self._engines,
            self._vault,
            self._progress,
            applications,
            lambda: put(server),
        )
        restart_waiting_applications(self._subject, applications, self._engine_pool)
        self._discard_copy()
        return result

    def _discard_copy(self) -> None:
        """Remove the copy once anything was put in place: whoever restores next wants what the backups hold then."""
        engine = self._engine_pool.of(self._subject.backup.repository)
        copy.discard(engine, self._subject.plan.partnership, self._subject.copy)

    def _put_cluster(self, server: Container, source: Sequence[str]) -> str:
        return instance.swap(self._subject, server, source, self._engine_pool, self._progress)

    def _server(self) -> Container:
        """Return the server that takes writes; when none does, the instance's own at its first site."""
        server = primary(self._subject, self._engine_pool)
        if server is None and self._subject.council:
            raise OperationError(
                f"No server of {self._subject.instance} takes writes.",
                state="What runs was not touched.",
                hint=self._serve_command(),
            )
        return server or self._subject.home

    def _serve_command(self) -> str:
        """Return the command after which a server of the instance takes writes."""
        instance = self._subject.instance
        restore_command = f"moothall restore {instance} --swap --confirm {instance}"
        mirrors = [mirror for mirror in self._subject.plan.mirrors if mirror.instance == instance]
        if not mirrors:
            return recovery_hint(self._subject.plan, instance, self._engine_pool, self._sites, restore_command)
        verb = "failback" if mirrors[0].active else "failover"
        return recovery_hint(
            self._subject.plan, instance, self._engine_pool, self._sites, f"moothall {verb} {instance}"
        )

    @property
    def _sites(self) -> tuple[str, ...]:
        """Return the sites that have a part of the instance itself."""
        stacks = self._subject.plan.stacks
        return tuple(stack.site for stack in stacks if (stack.kind, stack.unit) == ("instance", self._subject.instance))

    @property
    def _confirm_options(self) -> tuple[str, str]:
        """Return the options that repeat the confirmation of this run."""
        return "--confirm", self._subject.name

    def _operation_errors(self, state: str, *options: str) -> OperationErrorTranslation:
        command = self._repeat_command(*options)
        return OperationErrorTranslation(
            state,
            lambda: recovery_hint(self._subject.plan, self._subject.instance, self._engine_pool, self._sites, command),
        )

    def _undo_advice(self) -> str:
        return f"`moothall restore {self._subject.words} --undo` puts it back once it has been swapped."


class OperationErrorTranslation:
    """A context manager that raises an OperationError in place of an Inconclusive."""

    def __init__(self, state: str, hint: Callable[[], str]) -> None:
        """Take the state in which every failure leaves things, and what returns the command to go on with."""
        self._state = state
        self._hint = hint

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise OperationError in place of an Inconclusive; any other error goes on."""
        if isinstance(error, Inconclusive):
            hint = error.hint if isinstance(error, copy.CopyObstacle) else self._hint()
            raise OperationError(str(error), state=self._state, hint=hint) from error
