"""How long work ends on SIGINT and SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

WORK = """
import threading
from concurrent.futures import ThreadPoolExecutor
from moothall.ports import Silent
from moothall.operations.stacks.interrupt import interruptible
with interruptible(Silent()) as stop, ThreadPoolExecutor() as pool:
    pool.submit(threading.Event().wait, {seconds})
    print("begun", flush=True)
    stop.wait()
    print("told", flush=True)
print("whole", flush=True)
"""


def begin(seconds: float | None) -> subprocess.Popen[str]:
    """Start work whose one step takes this time, or for ever."""
    process = subprocess.Popen([sys.executable, "-c", WORK.format(seconds=seconds)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_once_what_runs_is_finished(sign: signal.Signals) -> None:
    """The step under way ends, and so does the work."""
    process = begin(0.5)
    process.send_signal(sign)
    assert process.communicate(timeout=30)[0] == "told\nwhole\n"
    assert process.returncode == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_twice_it_dies_of_the_signal(sign: signal.Signals) -> None:
    """A step that never ends holds nothing up."""
    process = begin(None)
    process.send_signal(sign)
    assert process.stdout is not None
    assert process.stdout.readline() == "told\n"
    process.send_signal(sign)
    assert process.communicate(timeout=30)[0] == ""
    assert process.returncode == -sign
