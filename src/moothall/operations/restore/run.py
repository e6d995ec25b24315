"""One restore, step by step: the copy beside, the comparison, the swap, and what was set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive, OperationError
from moothall.model.engines import Engines
from moothall.model.planned import Container
from moothall.operations.restore import copy, instance, tenant
from moothall.operations.restore.backup_sets import RecoveryTarget
from moothall.operations.restore.comparison import Compared
from moothall.operations.restore.copy import SECONDS
from moothall.operations.restore.side_copy import Beside, comparison, have_copy
from moothall.operations.restore.subject import Subject, primary
from moothall.operations.restore.swap import Swapped, restart_waiting, swapped
from moothall.ports import Progress, Vault
from moothall.verify.deployed import recovery_hint


class Restore:
    """What is restored, where, and with which secrets. Every step raises OperationError."""

    def __init__(
        self, subject: Subject, engines: Engines, vault: Vault, progress: Progress, again: Callable[..., str]
    ) -> None:
        """Take the subject, the engines of its sites, the partnership's secrets, and who is told of the progress.

        `again` returns the command that was given, with more words: it goes on from where a step could not be made.
        """
        self._subject = subject
        self._engines = engines
        self._engine_pool = EnginePool(subject.plan, engines, SECONDS)
        self._vault = vault
        self._progress = progress
        self._again = again
        self._beside: Beside | None = None

    def beside(self, moment: RecoveryTarget) -> tuple[Beside, list[Compared]]:
        """Have a copy as of the moment and return it compared with what runs; that is not touched."""
        with self._told("Nothing that runs was touched."):
            self._beside = have_copy(self._subject, moment, self._engine_pool, self._vault, self._progress)
            return self._beside, comparison(self._subject, self._beside, self._engine_pool)

    def kept(self) -> tuple[str, ...]:
        """Return which former states are kept, the newest last."""
        with self._told("Nothing was touched."):
            return self._kept()

    def swap(self) -> Swapped:
        """Put the copy's state in the place of what runs, which is kept."""
        assert self._beside is not None
        with self._told(f"What ran before is kept, and runs again if it was stopped: {self._back()}", *self._confirmed):
            server = self._server()
            if not self._subject.council:
                source = instance.prepare(server, self._beside.order, self._engine_pool, self._progress)
                return self._put(lambda server: self._put_cluster(server, source))
            tenant.bring(self._subject, server, self._engine_pool, self._progress)
            [one] = self._subject.tenants
            return self._put(lambda server: tenant.swap(one, tenant.staging(one), server, self._engine_pool))

    def undo(self) -> Swapped:
        """Put the newest former state back in place; the present one is then the newest former one."""
        with self._told(f"What ran before is kept: {self._back()}", *self._confirmed):
            kept = self._kept()
            if not kept:
                what = f"no former state of {self._subject.name} is kept"
                hint = f"moothall restore {self._subject.words}  # from the backups"
                raise OperationError(what, state="Nothing was touched.", hint=hint)
            if not self._subject.council:
                return self._put(lambda server: self._put_cluster(server, [f"there:{kept[-1]}"]))
            [one] = self._subject.tenants
            return self._put(lambda server: tenant.swap(one, kept[-1], server, self._engine_pool))

    def forget(self) -> tuple[str, ...]:
        """Remove the copy and every former state, and return the names of those."""
        with self._told("What runs was not touched.", *self._confirmed):
            gone = self._kept()
            if self._subject.council:
                tenant.forget(gone, self._server(), self._engine_pool)
            elif gone:
                instance.forget(gone, self._server(), self._engine_pool)
            copy.discard(self._engine_pool.of(self._subject.backup.repository), self._subject.plan.partnership)
            return gone

    def _kept(self) -> tuple[str, ...]:
        if self._subject.council:
            return tenant.kept(self._subject.tenants[0], self._server(), self._engine_pool)
        return instance.kept(self._server(), self._engine_pool)

    def _put(self, put: Callable[[Container], str]) -> Swapped:
        server = self._server()
        applications = [self._subject.application(one, server) for one in self._subject.tenants]
        done = swapped(
            self._subject,
            self._engine_pool,
            self._engines,
            self._vault,
            self._progress,
            applications,
            lambda: put(server),
        )
        restart_waiting(self._subject, applications, self._engine_pool)
        self._discard_copy()
        return done

    def _discard_copy(self) -> None:
        """Remove the copy once anything was put in place: whoever restores next wants what the backups hold then."""
        engine = self._engine_pool.of(self._subject.backup.repository)
        copy.discard(engine, self._subject.plan.partnership, self._subject.copy)

    def _put_cluster(self, server: Container, source: Sequence[str]) -> str:
        return instance.swap(self._subject, server, source, self._engine_pool, self._progress)

    def _server(self) -> Container:
        """Return the server that takes writes; when none does, the instance's own at its first site."""
        found = primary(self._subject, self._engine_pool)
        if found is None and self._subject.council:
            raise OperationError(
                f"No server of {self._subject.instance} takes writes.",
                state="What runs was not touched.",
                hint=self._have_one_serve(),
            )
        return found or self._subject.home

    def _have_one_serve(self) -> str:
        """Return the command after which a server of the instance takes writes."""
        instance = self._subject.instance
        everything = f"moothall restore {instance} --swap --confirm {instance}"
        mirrors = [mirror for mirror in self._subject.plan.mirrors if mirror.instance == instance]
        if not mirrors:
            return recovery_hint(self._subject.plan, instance, self._engine_pool, self._sites, everything)
        turn = "failback" if mirrors[0].active else "failover"
        return recovery_hint(
            self._subject.plan, instance, self._engine_pool, self._sites, f"moothall {turn} {instance}"
        )

    @property
    def _sites(self) -> tuple[str, ...]:
        """Return the sites that have a part of the instance itself."""
        stacks = self._subject.plan.stacks
        return tuple(stack.site for stack in stacks if (stack.kind, stack.unit) == ("instance", self._subject.instance))

    @property
    def _confirmed(self) -> tuple[str, str]:
        """Return the words with which what was agreed to need not be asked again."""
        return "--confirm", self._subject.name

    def _told(self, left: str, *words: str) -> OperationErrors:
        again = self._again(*words)
        return OperationErrors(
            left,
            lambda: recovery_hint(self._subject.plan, self._subject.instance, self._engine_pool, self._sites, again),
        )

    def _back(self) -> str:
        return f"`moothall restore {self._subject.words} --undo` puts it back once it has been swapped."


class OperationErrors:
    """Turns what could not be done into an OperationError that says what was left."""

    def __init__(self, left: str, hint: Callable[[], str]) -> None:
        """Take what is so after every failure within, and how the command is found that leads on."""
        self._left = left
        self._hint = hint

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Translate."""
        if isinstance(error, Inconclusive):
            hint = error.hint if isinstance(error, copy.Hindered) else self._hint()
            raise OperationError(str(error), state=self._left, hint=hint) from error
