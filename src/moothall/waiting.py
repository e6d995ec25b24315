"""Asking again and again."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(true: Callable[[], bool], seconds: float, pause: float = 0.2) -> bool:
    """Ask until it is true, at most for a time, with a pause between; return whether it became true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
