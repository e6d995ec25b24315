"""A gate that holds threads until all of them may begin at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Holds a number of threads, and is opened or shut once."""

    def __init__(self, count: int) -> None:
        """Take how many will come."""
        self._missing_count = count
        self._inside_count = 0
        self._is_open: bool | None = None
        self._condition = threading.Condition()

    def arrive(self) -> None:
        """Count one more thread as arrived, or as one that will never come."""
        with self._condition:
            self._missing_count -= 1
            self._condition.notify_all()

    def wait_for_all(self, seconds: float) -> None:
        """Wait until all have arrived, no longer than a time: who comes late finds the gate open."""
        with self._condition:
            self._condition.wait_for(lambda: self._missing_count <= 0, seconds)

    def passes(self) -> bool:
        """Wait until the gate is opened or shut; say whether it is open."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_open is not None)
            return bool(self._is_open)

    @contextmanager
    def joint_section(self) -> Iterator[None]:
        """Run the block, then wait until all other threads in such a block are done: what follows must disturb none."""
        with self._condition:
            self._inside_count += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside_count -= 1
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._inside_count == 0)

    def open(self) -> None:
        """Let everybody through."""
        self._decide(True)

    def shut(self) -> None:
        """Send everybody away."""
        self._decide(False)

    def _decide(self, is_open: bool) -> None:
        with self._condition:
            if self._is_open is None:
                self._is_open = is_open
            self._condition.notify_all()
