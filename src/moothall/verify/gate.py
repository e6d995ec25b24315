"""A gate: it holds errands that stand ready until all of them may begin at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Holds a number of threads, and is opened or shut once."""

    def __init__(self, count: int) -> None:
        """Take how many will come."""
        self._missing = count
        self._within = 0
        self._open: bool | None = None
        self._changed = threading.Condition()

    def arrive(self) -> None:
        """Say that one more stands here, or will never come."""
        with self._changed:
            self._missing -= 1
            self._changed.notify_all()

    def wait_for_all(self, seconds: float) -> None:
        """Wait until all have arrived, no longer than a time: who comes late finds the gate open."""
        with self._changed:
            self._changed.wait_for(lambda: self._missing <= 0, seconds)

    def passes(self) -> bool:
        """Wait until the gate is opened or shut; say whether it is open."""
        with self._changed:
            self._changed.wait_for(lambda: self._open is not None)
            return bool(self._open)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do something within; whoever is done waits until all others within are: what follows shall disturb nobody."""
        with self._changed:
            self._within += 1
        try:
            yield
        finally:
            with self._changed:
                self._within -= 1
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._within == 0)

    def open(self) -> None:
        """Let everybody through."""
        self._decide(True)

    def shut(self) -> None:
        """Send everybody away."""
        self._decide(False)

    def _decide(self, open: bool) -> None:
        with self._changed:
            if self._open is None:
                self._open = open
            self._changed.notify_all()
