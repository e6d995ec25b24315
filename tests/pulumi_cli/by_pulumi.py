"""A process that runs `up` or `preview` through the real CLI on the engine in memory of whoever started it:
`by_pulumi.py VERB ROOT PROGRAM PLUGINS [URL]`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from tests.pulumi_engine.lab import Words
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.operations.stacks.interrupt import interruptible
from moothall.ports import Silent
from moothall.pulumi_cli import Installation, Pulumi
from moothall.pulumi_engine.steps.dag import walk


def two(w: Words) -> None:
    """Two containers, the second after the first."""
    first = w.container("first")
    w.container("second", w.pulumi.ResourceOptions(depends_on=[first]))


def main() -> None:
    """Run to the end, as the command line would in a terminal, whoever has SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    verb, root, program, plugins, *url = sys.argv[1:]
    lab = MemoryLab(Path(root))
    pulumi = Pulumi(Installation(Path(program), Path(plugins)), *url)
    if verb == "preview":
        walk({"dev": ()}, lambda stack: pulumi.preview(lab.run(two, stack), lab.backend), 1)
        return
    with interruptible(Silent()) as stop:
        outcome = pulumi.up(lab.run(two), lab.backend, stop=stop)
    print(outcome.status)
    for failure in outcome.failures:
        print(f"{failure.name}: {failure.message}" if failure.name else failure.message)


if __name__ == "__main__":
    main()
