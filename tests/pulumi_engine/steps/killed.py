"""A process that runs `up` and is killed at a chosen moment: `killed.py ROOT PREFIX ENV SUBNET WHAT NUMBER`.

WHAT is `save` (right after the journal was added to for the NUMBERth time), `fold` (right after the checkpoint was
written for the NUMBERth time, its journal still there) or `call` (right after the NUMBERth call
that changes the Docker engine, before anything of it is recorded).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
from tests.pulumi_engine.lab import Lab
from tests.pulumi_engine.programs import small_stack

from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.journal import Journal

CALLS = (
    "create_container_from_config",
    "disconnect_container_from_network",
    "connect_container_to_network",
    "put_archive",
    "start",
    "stop",
    "remove_container",
    "create_network",
    "remove_network",
    "create_volume",
)


def dying_after(
    number: int, function: Callable[..., Any], count: list[int], lock: threading.Lock
) -> Callable[..., Any]:
    """The function, which kills this process when it and its like have been called so many times."""

    def dying(*args: Any, **how: Any) -> Any:
        result = function(*args, **how)
        with lock:
            count[0] += 1
            if count[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return result

    return dying


def main() -> None:
    """Prepare the end, then run."""
    root, prefix, env, subnet, what, number = sys.argv[1:]
    count, lock = [0], threading.Lock()
    if what == "save":
        Journal.add = dying_after(int(number), Journal.add, count, lock)  # type: ignore[method-assign]
    elif what == "fold":
        checkpoint.save = dying_after(int(number), checkpoint.save, count, lock)
    else:
        for name in CALLS:
            setattr(docker.APIClient, name, dying_after(int(number), getattr(docker.APIClient, name), count, lock))
    outcome = Lab(prefix, Path(root), declarative=True).up(small_stack(env, subnet))
    print(outcome.status, outcome.failures)


if __name__ == "__main__":
    main()
