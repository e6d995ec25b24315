"""Programs in sessions of their own end with whoever started them, and with all that they have started."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from tests.waiting import wait_until

from moothall import children
from moothall.processes import start_ticks

STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
words = [sys.executable, "-c", "input()"]
plug_in = subprocess.Popen(words, stdin=subprocess.PIPE, preexec_fn=os.setpgrp)
print(plug_in.pid, flush=True)
plug_in.wait()
"""
FAMILY = """
import subprocess, sys, time
from moothall import children
from moothall.ports import Silent
from moothall.operations.stacks.interrupt import interruptible
words = [sys.executable, "-c", sys.argv[1]]
with interruptible(Silent()) as stop:
    child = subprocess.Popen(words, start_new_session=True)
    with children.session_guard(child.pid):
        stop.wait()
        print(child.pid, flush=True)
        while child.poll() is None:  # a signal just before waitpid(2) would not be heard until it returns
            time.sleep(0.05)
"""


def stubborn() -> tuple[subprocess.Popen[str], int]:
    """A leader of a session that hears no SIGINT, and what it has started, in a process group of its own."""
    words = [sys.executable, "-c", STUBBORN]
    leader = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert leader.stdout is not None
    return leader, int(leader.stdout.readline())


def test_a_wait_that_breaks_off_ends_the_whole_session() -> None:
    """As a KeyboardInterrupt does."""
    leader, plug_in = stubborn()

    with pytest.raises(KeyboardInterrupt), children.session_guard(leader.pid):
        raise KeyboardInterrupt

    leader.communicate()
    wait_until(lambda: start_ticks(plug_in) is None)


def test_one_that_is_left_in_order_ends_nothing() -> None:
    """The session is nobody's business afterwards."""
    leader, plug_in = stubborn()
    with children.session_guard(leader.pid):
        assert start_ticks(leader.pid)
    assert None not in (start_ticks(leader.pid), start_ticks(plug_in))
    children.end(leader.pid)
    leader.communicate()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_second_interrupt_ends_them_too(sign: signal.Signals) -> None:
    """The process dies of the signal; nothing of what it has started is left."""
    process = subprocess.Popen([sys.executable, "-c", FAMILY, STUBBORN], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    plug_in = int(process.stdout.readline())
    process.send_signal(sign)
    leader = int(process.stdout.readline())
    process.send_signal(sign)
    process.communicate()

    assert process.returncode == -sign
    wait_until(lambda: start_ticks(plug_in) is None and start_ticks(leader) is None)
