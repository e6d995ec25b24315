"""Saving the state of a running operation."""

from __future__ import annotations

import threading
from dataclasses import replace

from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.journal import Journal
from moothall.pulumi_engine.state.snapshot import Snapshot
from moothall.pulumi_engine.steps.session import OperationContext


class SnapshotManager:
    """Puts the moves of a desk's ledger, which is journaled, into the journal, and all of it into the checkpoint at
    the end. Threads that ask for a save while one is under way share the next one.

    `found` is the state with which the operation began.
    """

    def __init__(self, context: OperationContext, backend: Backend, found: Snapshot) -> None:
        self._context = context
        self._backend = backend
        self._found = found
        self._salt_line = found.salt_line
        self._written = 0
        self._writing = threading.Lock()
        self._journal: Journal | None = None

    def save(self) -> None:
        """Return when everything that the ledger holds now is on disk. Raises StateNotWritten."""
        wanted = self._context.ledger.version
        with self._writing:
            if self._written < wanted:
                self._write()

    def finish(self) -> None:
        """Make it all the checkpoint, if anything has changed. Raises StateNotWritten; the journal stays then."""
        try:
            self.save()
            if self._journal is not None:
                run, snapshot = self._context.run, self._context.ledger.snapshot(self._salt_line)
                checkpoint.save(self._backend, run.project, run.stack, replace(snapshot, folded=self._journal.id))
                self._journal.remove()
        finally:
            if self._journal is not None:
                self._journal.close()

    def _write(self) -> None:
        if self._journal is None:
            self._journal = self._begin()
        version, moves = self._context.ledger.unwritten()
        salt_line = self._context.vault.salt_line
        salted = [] if salt_line == self._salt_line else [{"salt": salt_line}]
        self._journal.add([*salted, *moves])
        self._context.ledger.written(moves)
        self._written, self._salt_line = version, salt_line

    def _begin(self) -> Journal:
        """Begin the journal; a stack that has no checkpoint yet gets one, for by that it is known to be there."""
        project, stack = self._context.run.project, self._context.run.stack
        if checkpoint.digest(self._backend, project, stack) is None:
            checkpoint.save(self._backend, project, stack, self._found)
        continued = checkpoint.digest(self._backend, project, stack)
        return Journal(self._backend.journal(project, stack), stack, str(continued))
