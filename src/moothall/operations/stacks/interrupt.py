"""One interrupt ends long work gently: what runs is finished, nothing new begins. A second one ends it at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from moothall import children
from moothall.ports import Progress

SHOW_CURSOR = b"\x1b[?25h"


@contextmanager
def interruptible(progress: Progress) -> Iterator[threading.Event]:
    """Give the event that SIGINT and SIGTERM set the first time; the second time the process dies of the signal."""
    stop = threading.Event()
    former_handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop_gently(number: int, frame: FrameType | None) -> None:
        stop.set()
        for signal_number in former_handlers:
            signal.signal(signal_number, _die_at_once)
        progress.stage("stopping: what runs is finished first; once more stops at once")

    for number in former_handlers:
        signal.signal(number, stop_gently)
    try:
        yield stop
    finally:
        for signal_number, handler in former_handlers.items():
            signal.signal(signal_number, handler)


def _die_at_once(number: int, frame: FrameType | None) -> None:
    """Die as from `kill -9`, which the state is made for: an exception would wait for every thread that works."""
    children.end_all()
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), SHOW_CURSOR)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
