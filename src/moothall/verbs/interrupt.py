"""One interrupt ends long work gently: what runs is finished, nothing new begins. A second one ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from moothall.ports import Progress


@contextmanager
def interruptible(progress: Progress) -> Iterator[threading.Event]:
    """Give the event that SIGINT and SIGTERM set the first time; the second time they act as before."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def gently(number: int, frame: FrameType | None) -> None:
        stop.set()
        for each, handler in before.items():
            signal.signal(each, handler)
        progress.stage("stopping: what runs is finished first; once more stops at once")

    for number in before:
        signal.signal(number, gently)
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
