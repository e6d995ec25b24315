"""A process that works on a ground and is attacked meanwhile: `worker.py ROOT PREFIX STACK WHAT ENV SUBNET [HOST]`.

WHAT is `up`, `destroy` or `drift`. It says `begun` when the work begins, ends gently on the first SIGINT or SIGTERM as
every verb does, and exits as the command line would.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests.attack.ground import OWNER, PROJECT, Ground, working
from tests.pulumi_engine.lab import HOST

from moothall import pulumi_engine
from moothall.failures import FAILED, INTERRUPTED, OperationError
from moothall.operations.stacks.interrupt import interruptible
from moothall.ports import Silent
from moothall.pulumi_engine.observe import drift_scan


def main() -> int:
    """Work to the end; the exit code."""
    root, prefix, stack, what, env, subnet, *host = sys.argv[1:]
    ground = Ground(prefix, Path(root), host[0] if host else HOST)
    try:
        with interruptible(Silent()) as stop:
            print("begun", flush=True)
            outcome = work(ground, stack, what, working(env, subnet), stop)
    except OperationError as failure:
        print(failure.message, failure.state, failure.hint, sep="\n")
        return failure.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    print(outcome)
    return {"interrupted": INTERRUPTED, "failed": FAILED}.get(getattr(outcome, "status", ""), 0)


def work(ground: Ground, stack: str, what: str, declare: object, stop: threading.Event) -> object:
    """Do what was asked."""
    if what == "up":
        return pulumi_engine.up(ground.run(declare, stack), ground.backend, stop=stop)
    if what == "destroy":
        owner = ground.owner(stack)
        return pulumi_engine.destroy(PROJECT, stack, ground.backend, owner, with_data=False, stop=stop)
    return drift_scan.drift(PROJECT, ground.backend, OWNER, lambda name: name == stack, lambda name: None)


if __name__ == "__main__":
    sys.exit(main())
