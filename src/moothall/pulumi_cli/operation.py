"""One operation of the CLI on one stack, and what came of it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from moothall import private
from moothall.pulumi_cli.cli_errors import last_error
from moothall.pulumi_cli.client import CliClient
from moothall.pulumi_cli.command import Command
from moothall.pulumi_cli.events import Listener
from moothall.pulumi_cli.jobs import failed_jobs, half_made_containers
from moothall.pulumi_cli.leftovers import Leftovers
from moothall.pulumi_cli.remote import remote_survey
from moothall.pulumi_cli.workspace import Place, Run, room
from moothall.pulumi_engine.errors import EngineError
from moothall.pulumi_engine.protocol.program import call_program
from moothall.pulumi_engine.protocol.resource_types import CONTAINER
from moothall.pulumi_engine.state import checkpoint, cli_leftovers, lock
from moothall.pulumi_engine.state.backend import Backend, Program
from moothall.pulumi_engine.state.formats import format_of
from moothall.pulumi_engine.state.snapshot import Snapshot, deployment_from, deployment_json
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.destruction import planned_deletes
from moothall.pulumi_engine.steps.observer import Observer
from moothall.pulumi_engine.steps.outcome import FailedStep, Outcome, Status


class Operation:
    """One operation on one stack, given with its project; `stop` set means: begin nothing more."""

    def __init__(
        self,
        pulumi: CliClient,
        backend: Backend,
        of: tuple[str, str],
        observer: Observer,
        stop: threading.Event | None = None,
    ) -> None:
        self._pulumi = pulumi
        self._backend = backend
        self._project, self._stack = of
        self._observer = observer
        self._stop = stop or threading.Event()
        self._listener = Listener(self._stack, observer, pulumi.secrets, pulumi.url)
        self._broke: Exception | None = None
        self._command = Command(pulumi.installation.program, self._stop, pulumi.seconds)

    def preview(self, program: Program) -> Outcome:
        """What `up` would do. Everything that the CLI writes is thrown away."""
        self._fold()
        with TemporaryDirectory(prefix="moothall-preview-") as scratch:
            # Even to look, Pulumi wants the stack made: one that is not there is made where nobody keeps it.
            place = self._place(Path(scratch)) if self._known() else self._elsewhere(Path(scratch))
            with self._opened(place, program) as run:
                return self._outcome("previewed", lambda: run.preview(on_event=self._listener.hear, color="never"))

    def up(self, program: Program, ownership: tuple[str, str]) -> Outcome:
        """Make the stack as the program says."""
        with self._alone(), self._opened(self._place(self._folder), program) as run:
            self._clear(run, ownership)
            return self._judged(
                run, self._outcome("succeeded", lambda: run.up(on_event=self._listener.hear, color="never"))
            )

    def destroy(self, ownership: tuple[str, str], *, with_data: bool) -> Outcome:
        """Delete what the state records."""
        with self._alone():
            if not self._known():
                return Outcome(self._stack, "succeeded")
            with self._opened(self._place(self._folder)) as run:
                self._clear(run, ownership, with_data=with_data)
                if with_data:
                    run.import_state(_unprotected(run.export_state()))
                return self._outcome("succeeded", lambda: self._destroy(run, with_data=with_data))

    def destroy_preview(self, *, with_data: bool) -> Outcome:
        """What `destroy` would delete."""
        self._fold()
        with TemporaryDirectory(prefix="moothall-preview-") as scratch, self._opened(self._place(Path(scratch))) as run:
            deletes = planned_deletes(self._recorded(run), with_data=with_data)
        return Outcome(self._stack, "previewed", tuple(delete.step for delete in deletes))

    @property
    def _folder(self) -> Path:
        """The stack's room, by its whole path: the CLI runs in another folder than we do."""
        return self._backend.root.resolve() / "pulumi" / self._stack

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold our own lock around Pulumi's; what a dead process of this host left of Pulumi's is taken over.

        What a killed run of the embedded engine left in its journal, which Pulumi does not read, is made the state.
        """
        with lock.hold_flock(self._backend, self._project, self._stack, self._observer):
            checkpoint.fold(self._backend, self._project, self._stack)
            cli_leftovers.remove_broken_attributes(self._backend, self._project, self._stack)
            yield
            cli_leftovers.prune(self._backend, self._project, self._stack)

    def _clear(self, run: Run, ownership: tuple[str, str], *, with_data: bool = False) -> None:
        """Clear away what a killed run has left, on the engines and in the state."""
        found = self._recorded(run)
        if not found.pending:
            return
        leftovers = Leftovers(found, ownership, self._pulumi.connect)
        cleared = leftovers.clear(lambda text: self._observer.note(self._stack, text), with_data=with_data)
        if self._pulumi.url:
            run.import_state({**format_of(cleared.resources), "deployment": deployment_json(cleared)})
        else:
            checkpoint.save(self._backend, self._project, self._stack, cleared)

    def _fold(self) -> None:
        """See to it that the checkpoint, which is all that Pulumi reads, is whole and can be read. Raises Locked."""
        of = (self._backend, self._project, self._stack)
        if self._backend.journal(self._project, self._stack).exists() or cli_leftovers.broken_attributes(*of):
            with self._alone():
                pass

    @contextmanager
    def _opened(self, place: Place, program: Program | None = None) -> Iterator[Run]:
        mode = StackInitMode.SELECT if place.exists else StackInitMode.CREATE
        kept = self._kept(program) if program else None
        with room(place, self._pulumi.installation.plugins, self._command, kept) as workspace:
            try:
                yield Run(self._stack, workspace, mode)
            except ConcurrentUpdateError:
                raise lock.locked_error(self._backend, self._project, self._stack) from None
            except CommandError as error:
                raise EngineError(f"Pulumi failed on {self._stack}: {self._why(error)}.") from None

    def _kept(self, program: Program) -> Program:
        """The program, whose own error is remembered: to the CLI it is a text with a traceback."""

        async def kept() -> None:
            try:
                await call_program(program)
            except grpc.RpcError:  # the CLI refused, or has gone: not the program's own
                raise
            except Exception as error:
                self._broke = error
                raise

        return kept

    def _destroy(self, run: Run, *, with_data: bool) -> None:
        run.destroy(on_event=self._listener.hear, color="never", exclude_protected=not with_data)

    def _known(self) -> bool:
        if not self._pulumi.url:
            return self._backend.checkpoint(self._project, self._stack).exists()
        found = remote_survey(self._pulumi, self._project, self._backend, self._stop)
        return self._stack in {each.stack for each in found.stacks}

    def _place(self, folder: Path) -> Place:
        passphrase, known = self._backend.passphrase(), self._known()
        if self._pulumi.url:
            return Place(folder, self._pulumi.url, self._project, self._stack, passphrase, exists=known)
        private.folder(self._backend.folder)
        salt_line = checkpoint.load(self._backend, self._project, self._stack).salt_line
        salt_line = Vault(self._backend, salt_line, self._sibling_salt).salt()
        local = f"file://{self._backend.root.resolve()}"
        return Place(folder, local, self._project, self._stack, passphrase, salt_line, exists=known)

    def _elsewhere(self, folder: Path) -> Place:
        state = folder / "state"
        state.mkdir()
        return Place(folder, f"file://{state}", self._project, self._stack, secrets.token_hex(16), exists=False)

    def _sibling_salt(self) -> str | None:
        return checkpoint.sibling_salt(self._backend, self._project, self._stack)

    def _outcome(self, good: Status, work: Callable[[], object]) -> Outcome:
        """Do the work. Raises ConcurrentUpdateError, and what the program itself raised before any step failed; any
        other failure of the CLI is an outcome."""
        steps, failures = self._listener.steps, self._listener.failures
        try:
            work()
        except ConcurrentUpdateError:
            raise
        except CommandError as error:
            if self._stop.is_set():
                return Outcome(self._stack, "interrupted", tuple(steps), tuple(failures))
            broke_off = self._command.timed_out or self._command.killed_by
            if self._broke is not None and not broke_off and not any(failure.urn for failure in failures):
                raise self._broke from None
            why = [] if failures and not broke_off else [FailedStep("", "", self._why(error))]
            return Outcome(self._stack, "failed", tuple(steps), (*why, *failures, *self._listener.unfinished_steps()))
        return Outcome(self._stack, good, tuple(steps))

    def _judged(self, run: Run, outcome: Outcome) -> Outcome:
        """The outcome with the jobs that ended badly; they, and what is half made, are to be recreated next time."""
        made = {step.urn: step for step in outcome.changes if step.type == CONTAINER}
        if not made or self._command.killed_by:
            return outcome
        self._command.ignore_stop()
        snapshot = self._recorded(run)
        known = {failure.urn for failure in outcome.failures}
        failures = tuple(failed_jobs(snapshot, made.keys() - known, self._pulumi.connect, self._pulumi.secrets))
        if again := {*half_made_containers(snapshot), *(failure.urn for failure in failures)}:
            run.taint(sorted(again))
        for failure in failures:
            self._observer.step_failed(self._stack, made[failure.urn], failure.message)
        told = (*outcome.failures, *failures)
        return replace(outcome, status="failed", failures=told) if failures else outcome

    def _recorded(self, run: Run) -> Snapshot:
        """The state as the CLI has left it."""
        if self._pulumi.url:
            return deployment_from(run.export_state()["deployment"] or {})
        return checkpoint.load(self._backend, self._project, self._stack)

    def _why(self, error: CommandError) -> str:
        """The last thing that the CLI said, fit to be shown."""
        if self._command.timed_out:
            return f"{self._stack} was not done within {self._pulumi.seconds:.0f} s and was stopped"
        if self._command.killed_by:
            return f"Pulumi's CLI was killed from outside (signal {self._command.killed_by}): is memory short?"
        return last_error(self._listener.clean(str(error)))


def _unprotected(state: dict[str, Any]) -> dict[str, Any]:
    """The state without what keeps a delete from being made: the loss of the data was confirmed by name."""
    deployment, kept = state["deployment"] or {}, ("protect", "retainOnDelete")
    resources = [
        {key: value for key, value in resource.items() if key not in kept}
        for resource in deployment.get("resources") or ()
    ]
    return {**state, "deployment": {**deployment, "resources": resources}}
