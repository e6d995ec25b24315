"""One restore, step by step: the copy beside, the comparison, the swap, and what was set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive, OperationError
from moothall.model.engines import Engines
from moothall.model.planned import Container
from moothall.operations.restore import copy, instance, tenant
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.comparison import TenantComparison
from moothall.operations.restore.copy import SECONDS
from moothall.operations.restore.record import SWAP, UNDO, Exchange, ExchangeRecord
from moothall.operations.restore.side_copy import SideCopy, compare_tenants, have_copy
from moothall.operations.restore.subject import Subject, primary
from moothall.operations.restore.swap import SwapResult, restart_waiting_applications, run_swap
from moothall.ports import Progress, Vault
from moothall.verify.deployed import recovery_hint

_GOES_ON = timedelta(hours=24)
"""How long after its beginning an exchange is gone on with: who gives the command later wants what is right then, and
may have mended by `up` what a kill had left."""


class Restore:
    """What is restored, where, and with which secrets. Every step raises OperationError."""

    def __init__(
        self,
        subject: Subject,
        engines: Engines,
        vault: Vault,
        progress: Progress,
        repeat_command: Callable[..., str],
        state: Path,
    ) -> None:
        """Take the subject, the engines of its sites, the partnership's secrets, and where progress is reported.

        `repeat_command` returns the command that was given, with more words: it goes on where a step failed. By what is
        recorded in the folder `state` it does so after a kill, too.
        """
        self._subject = subject
        self._engines = engines
        self._engine_pool = EnginePool(subject.plan, engines, SECONDS)
        self._vault = vault
        self._progress = progress
        self._repeat_command = repeat_command
        self._record = ExchangeRecord(state, subject)
        self._side_copy: SideCopy | None = None
        self._target = ""

    def restore_beside(self, target: RecoveryTarget) -> tuple[SideCopy, list[TenantComparison]]:
        """Have a copy as of the moment and return it compared with what runs; that is not touched."""
        with self._operation_errors("Nothing that runs was touched."):
            self._target = target.label
            self._side_copy = have_copy(self._subject, target, self._engine_pool, self._vault, self._progress)
            return self._side_copy, compare_tenants(self._subject, self._side_copy, self._engine_pool)

    def former_states(self) -> tuple[str, ...]:
        """Return the names of the former states that are kept, the newest last.

        Of a server that an undoing has stopped which did not end, it is the one that is to be put back.
        """
        with self._operation_errors("Nothing was touched."):
            return self._state_to_put_back() or self._find_former_states()

    def swap(self) -> SwapResult:
        """Put the copy's state in the place of what runs, which is kept.

        A swap to the same moment that was begun and did not end is gone on with, and not made once more.
        """
        assert self._side_copy is not None
        with self._operation_errors(
            f"What ran before is kept, and runs again if it was stopped: {self._undo_advice()}", *self._confirm_options
        ):
            return self._exchange(SWAP, self._target, self._bring)

    def undo(self) -> SwapResult:
        """Put the newest former state back in place; the present one is then the newest former one.

        An undoing that was begun and did not end is gone on with, and not undone.
        """
        with self._operation_errors(f"What ran before is kept: {self._undo_advice()}", *self._confirm_options):
            return self._exchange(UNDO, "", self._newest_former_state)

    def forget(self) -> tuple[str, ...]:
        """Remove the copy and every former state, and return the names of those."""
        with self._operation_errors("What runs was not touched.", *self._confirm_options):
            self._record.read()  # a damaged one is refused before anything is removed
            former_states = self._find_former_states()
            if self._subject.council:
                tenant.forget(former_states, self._server(), self._engine_pool)
            elif former_states:
                instance.forget(former_states, self._server(), self._engine_pool)
            copy.discard(self._engine_pool.of(self._subject.backup.repository), self._subject.plan.partnership)
            self._record.abandon()
            return former_states

    def _state_to_put_back(self) -> tuple[str, ...]:
        """Return the former state of an undoing that did not end and has stopped the server; empty where none has."""
        exchange = self._record.read()
        if self._subject.council or exchange is None or exchange.deed != UNDO:
            return ()
        if instance.is_running(self._server(), self._engine_pool):
            return ()
        return tuple(line.removeprefix(instance.IN_VOLUME) for line in exchange.source)

    def _find_former_states(self) -> tuple[str, ...]:
        if self._subject.council:
            return tenant.former_databases(self._subject.tenants[0], self._server(), self._engine_pool)
        return instance.former_clusters(self._server(), self._engine_pool)

    def _exchange(self, deed: str, target: str, find_source: Callable[[Container], Sequence[str]]) -> SwapResult:
        """Make an exchange, or go on with the same one where a run of it did not end."""
        server = self._server()
        exchange = self._unfinished(deed, target, server)
        if exchange:
            self._progress.stage(f"going on with the {deed} that was begun: the former state is {exchange.former_name}")
        else:
            exchange = self._begin(deed, target, server, find_source)
        result = self._put_in_place(exchange, server)
        self._record.remove()
        return result

    def _unfinished(self, deed: str, target: str, server: Container) -> Exchange | None:
        """Return the exchange that this command is to go on with, None where it begins one."""
        exchange = self._record.read()
        if exchange is None or (exchange.deed, exchange.target) != (deed, target):
            return None
        if datetime.now(UTC) - exchange.start > _GOES_ON:
            return None
        if self._subject.council:
            goes_on = tenant.is_exchanged(self._subject.tenants[0], exchange, server, self._engine_pool)
        else:
            goes_on = instance.is_unfinished(exchange, server, self._engine_pool)
        return exchange if goes_on else None

    def _begin(
        self, deed: str, target: str, server: Container, find_source: Callable[[Container], Sequence[str]]
    ) -> Exchange:
        """Record the exchange that is to be made now; whom one before it has stopped is its to start again."""
        self._record.abandon()
        former_exchange, source = self._record.read(), find_source(server)
        if self._subject.council:
            [name], [tenant_plan] = source, self._subject.tenants
            exchange = tenant.exchange_with(name, deed, target, tenant_plan, server, self._engine_pool)
        else:
            stopped = former_exchange.followers if former_exchange else ()
            exchange = instance.exchange_with(source, deed, target, self._subject, server, stopped, self._engine_pool)
        self._record.write(exchange)
        return exchange

    def _bring(self, server: Container) -> Sequence[str]:
        """Carry what the copy holds to the server, and return what is to take the place there."""
        assert self._side_copy is not None
        if not self._subject.council:
            return instance.prepare(server, self._side_copy.restore_options, self._engine_pool, self._progress)
        tenant.bring(self._subject, server, self._engine_pool, self._progress)
        return [tenant.staging(self._subject.tenants[0])]

    def _newest_former_state(self, server: Container) -> Sequence[str]:
        """Return the newest former state as what is to take the place. Raises OperationError when none is kept."""
        former_states = self._find_former_states()
        if not former_states:
            what = f"no former state of {self._subject.name} is kept"
            hint = f"moothall restore {self._subject.words}  # from the backups"
            raise OperationError(what, state="Nothing was touched.", hint=hint)
        return [former_states[-1] if self._subject.council else f"{instance.IN_VOLUME}{former_states[-1]}"]

    def _put_in_place(self, exchange: Exchange, server: Container) -> SwapResult:
        applications = [self._subject.application(tenant_plan, server) for tenant_plan in self._subject.tenants]
        result = run_swap(
            self._subject,
            self._engine_pool,
            self._engines,
            self._vault,
            self._progress,
            applications,
            lambda: self._put(exchange, server),
        )
        restart_waiting_applications(self._subject, applications, self._engine_pool)
        self._discard_copy()
        return result

    def _discard_copy(self) -> None:
        """Remove the copy once anything was put in place: whoever restores next wants what the backups hold then."""
        engine = self._engine_pool.of(self._subject.backup.repository)
        copy.discard(engine, self._subject.plan.partnership, self._subject.copy)

    def _put(self, exchange: Exchange, server: Container) -> str:
        if self._subject.council:
            return tenant.swap(self._subject.tenants[0], exchange, server, self._engine_pool)
        return instance.swap(self._subject, server, exchange, self._record, self._engine_pool, self._progress)

    def _server(self) -> Container:
        """Return the server that takes writes; when none does, the one that a run was at work on which did not end.

        Else it is the instance's own at its first site.
        """
        server = primary(self._subject, self._engine_pool)
        if server is None and self._subject.council:
            raise OperationError(
                f"No server of {self._subject.instance} takes writes.",
                state="What runs was not touched.",
                hint=self._serve_command(),
            )
        return server or self._recorded_server() or self._subject.home

    def _recorded_server(self) -> Container | None:
        exchange = self._record.read()
        return next((server for server in self._subject.servers if exchange and server.name == exchange.server), None)

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
