"""One council at a time: what a newer moothall recreates of the same plan is recreated for one after the other.

An upgrade of moothall can replace every container of everybody. Tenants are carried over in turn, so that few are away
at once, and the first that does not come back is the last that was touched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from moothall.deploy.changes import StackChange


class Turns:
    """Hands out one turn at a time; `sound` says whether the next one may have its turn after this change."""

    def __init__(self, sound: Callable[[StackChange], bool]) -> None:
        self._sound = sound
        self._lock = threading.Lock()
        self._failed = ""

    def take(self, stack: str, work: Callable[[], StackChange]) -> StackChange:
        """Do the work when it is the stack's turn, and return what came of it; where an earlier one failed, nothing."""
        with self._lock:
            if self._failed:
                return StackChange(stack, "could-not-run", reason=f"{self._failed}, whose turn was before, failed")
            self._failed = stack  # unless it ends well
            change = work()
            if self._sound(change):
                self._failed = ""
            return change
