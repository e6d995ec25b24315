"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 600.0
"""Seconds: nobody waits as long but where something is broken; a machine four times too busy takes minutes."""


def wait_until(
    question: Callable[[], object], what: object = "", seconds: float = PATIENCE, pause: float = 0.2
) -> None:
    """Ask until the answer is true; fail with `what`, or with what that returns, when it never is."""
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, f"waited {seconds} s in vain: {what() if callable(what) else what}"
        time.sleep(pause)
