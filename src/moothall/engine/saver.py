"""Saving the state of a running operation."""

from __future__ import annotations

import threading

from moothall.engine import checkpoint
from moothall.engine.backend import Backend
from moothall.engine.session import Desk


class Saver:
    """Writes the checkpoint of a desk. Threads that ask while a write is under way share the next one."""

    def __init__(self, desk: Desk, backend: Backend) -> None:
        self._desk = desk
        self._backend = backend
        self._written = 0
        self._writing = threading.Lock()

    def save(self) -> None:
        """Return when everything that the ledger holds now is on disk."""
        wanted = self._desk.ledger.version
        with self._writing:
            if self._written >= wanted:
                return
            version = self._desk.ledger.version
            run = self._desk.run
            checkpoint.save(
                self._backend, run.project, run.stack, self._desk.ledger.snapshot(self._desk.vault.salt_line)
            )
            self._written = version
