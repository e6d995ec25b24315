"""One stack with very many resources, on an engine in memory: what each step writes, and how much memory all takes.

`python -m bench.steps FILE` makes a stack of volumes alone, so that all steps are alike, and writes into the file how
many bytes the process wrote for an early step and for a late one. Without FILE it makes one of volumes and containers.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.process import python, run
from bench.table import Row

MANY = 1000
SOME = MANY // 5
"""Steps over which the bytes are taken: the second fifth, and the last."""
WAITS = 25
"""After how many the program waits for its answers; Pulumi holds twenty times as much of what is not answered yet."""
TITLE = f"{MANY} resources in one stack, on an engine in memory"


def rows() -> Iterator[Row]:
    """Measure and yield the rows."""
    with tempfile.NamedTemporaryFile("r") as answer:
        run(python("-m", "bench.steps", answer.name))
        early, late = map(float, answer.read().split())
    baseline = f"an early one, {early:.0f}"
    yield Row("bytes written for a late step", f"{late:.0f}", late / early, "x", baseline, most=1.1)
    megabytes = run(python("-m", "bench.steps")).megabytes
    yield Row("memory of up, half of them containers", f"{megabytes:.0f} MB", megabytes, " MB", most=150)


def main(answer: Path | None) -> None:
    """Make the stack; with `answer`, of volumes alone, and write down the bytes of an early and of a late step."""
    from tests.pulumi_engine.memory_engine import MemoryLab

    async def declare(w: Any) -> None:
        for at in range(MANY if answer else MANY // 2):
            last = volume = w.volume(f"data{at}")
            if answer is None:
                last = w.container(f"app{at}", mounts=w.mounted(volume), envs=[f"NUMBER={at}"])
            if at % WAITS == WAITS - 1:
                await last.name.future()

    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
        lab = MemoryLab(Path(folder), declarative=True)
        written: list[int] = []
        lab.engine.on_create = lambda name: written.append(_written())
        outcome = lab.up(declare)
        if outcome.status != "succeeded":
            raise RuntimeError(f"the engine failed: {outcome.failures}")
    if answer is not None:
        early, late = written[2 * SOME] - written[SOME], written[-1] - written[-1 - SOME]
        answer.write_text(f"{early / SOME} {late / SOME}")


def _written() -> int:
    """The bytes that this process has written so far (proc(5), wchar)."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("wchar")).split()[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
