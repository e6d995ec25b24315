"""Which process a number means, and whether there is one."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.waiting import wait_until

from moothall.processes import began


def test_one_that_lives_has_begun_and_one_that_has_ended_has_not() -> None:
    """Also where nobody has asked yet how it ended, so that it is still listed."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert (began(process.pid) or 0) >= (began(os.getpid()) or 0)

    process.stdin.close()
    wait_until(lambda: began(process.pid) is None)
    assert os.path.exists(f"/proc/{process.pid}")
    process.wait()
    assert began(process.pid) is None
