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
    """Puts the moves of a context's ledger, which is journaled, into the journal, and all of it into the checkpoint at
    the end. Threads that ask for a save while one is under way share the next one.

    `base` is the state with which the operation began.
    """

    def __init__(self, context: OperationContext, backend: Backend, base: Snapshot) -> None:
        self._context = context
        self._backend = backend
        self._base = base
        self._salt_line = base.salt_line
        self._written_version = 0
        self._lock = threading.Lock()
        self._journal: Journal | None = None

    def save(self) -> None:
        """Return when everything that the ledger holds now is on disk. Raises StateNotWritten."""
        version = self._context.ledger.version
        with self._lock:
            if self._written_version < version:
                self._write()

    def finish(self) -> None:
        """Make it all the checkpoint, if anything has changed. Raises StateNotWritten; the journal stays then."""
        try:
            self.save()
            if self._journal is not None:
                run, snapshot = self._context.run, self._context.ledger.snapshot(self._salt_line)
                checkpoint.save(
                    self._backend, run.project, run.stack, replace(snapshot, folded_journal=self._journal.id)
                )
                self._journal.remove()
        finally:
            if self._journal is not None:
                self._journal.close()

    def _write(self) -> None:
        if self._journal is None:
            self._journal = self._begin()
        version, moves = self._context.ledger.unwritten_moves()
        salt_line = self._context.vault.salt_line
        salt_moves = [] if salt_line == self._salt_line else [{"salt": salt_line}]
        self._journal.add([*salt_moves, *moves])
        self._context.ledger.forget_moves(moves)
        self._written_version, self._salt_line = version, salt_line

    def _begin(self) -> Journal:
        """Begin the journal; a stack that has no checkpoint yet gets one, for by that it is known to be there."""
        project, stack = self._context.run.project, self._context.run.stack
        if checkpoint.digest(self._backend, project, stack) is None:
            checkpoint.save(self._backend, project, stack, self._base)
        digest = checkpoint.digest(self._backend, project, stack)
        return Journal(self._backend.journal(project, stack), stack, str(digest))
