"""Which process a number means, and whether there is one."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.waiting import wait_until

from moothall.processes import start_ticks


def test_one_that_lives_has_begun_and_one_that_has_ended_has_not() -> None:
    """Also where nobody has asked yet how it ended, so that it is still listed."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert (start_ticks(process.pid) or 0) >= (start_ticks(os.getpid()) or 0)

    process.stdin.close()
    wait_until(lambda: start_ticks(process.pid) is None)
    assert os.path.exists(f"/proc/{process.pid}")
    process.wait()
    assert start_ticks(process.pid) is None
