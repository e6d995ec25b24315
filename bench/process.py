"""One whole process: how long it takes, on the clock and of processors, and how much memory it has at most."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds by the wall clock, the most resident memory in MB, and seconds of processors (getrusage(2)).

    Those of processes that it waited for are in the processors' seconds.
    """

    seconds: float
    megabytes: float
    processors: float


def run(words: Sequence[str], wanted: tuple[int, ...] = (0,)) -> Cost:
    """Run a command to its end; raises RuntimeError with the end of its output for an exit code not `wanted`."""
    # Every run but the first finds compiled modules.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in wanted:
        raise RuntimeError(
            f"{' '.join(words[:8])}: exit {process.returncode}\n{output[-2000:].decode(errors='replace')}"
        )
    return Cost(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def python(*words: str) -> list[str]:
    """Return the command that runs Python with these words."""
    return [sys.executable, *words]


def moothall(*words: str) -> list[str]:
    """Return the command that runs moothall with these words."""
    return python("-m", "moothall", *words)
