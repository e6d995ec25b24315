"""One council at a time: what a newer moothall recreates of the same plan is recreated for one after the other.

An upgrade of moothall can replace every container of everybody. Tenants are carried over in turn, so that few are away
at once, and the first that does not come back is the last that was touched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from moothall.deploy.changes import StackChange


class Turns:
    """Hands out one turn at a time; `is_sound` says whether the next one may follow after this change."""

    def __init__(self, is_sound: Callable[[StackChange], bool]) -> None:
        self._is_sound = is_sound
        self._lock = threading.Lock()
        self._failed_stack = ""

    def take(self, stack: str, work: Callable[[], StackChange]) -> StackChange:
        """Do the work when it is the stack's turn, and return what came of it; where an earlier one failed, nothing."""
        with self._lock:
            if self._failed_stack:
                return StackChange(
                    stack, "could-not-run", reason=f"{self._failed_stack}, whose turn was before, failed"
                )
            self._failed_stack = stack  # unless it ends well
            change = work()
            if self._is_sound(change):
                self._failed_stack = ""
            return change
