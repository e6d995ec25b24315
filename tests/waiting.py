"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 600.0
"""Seconds: nobody waits as long but where something is broken; a machine four times too busy takes minutes."""


def wait_until(
    question: Callable[[], object], what: object = "", seconds: float = PATIENCE, pause: float = 0.2
) -> None:
    """Ask until the answer is true; fail with `what`, or with what that returns, when it never is.

    Between two questions it pauses as long as one takes, and `pause` at least: a question that starts processes must
    not keep whom it asks about from working.
    """
    until = time.monotonic() + seconds
    asked = time.monotonic()
    while not question():
        answered = time.monotonic()
        assert answered < until, f"waited {seconds} s in vain: {what() if callable(what) else what}"
        time.sleep(max(pause, answered - asked))
        asked = time.monotonic()
