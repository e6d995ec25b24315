"""Measure whole processes, interleaved with their baseline, and print medians and ratios as a table."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15
BASELINE = "python -c pass"
CASES: dict[str, list[str]] = {
    BASELINE: ["-c", "pass"],
    "moothall --version": ["-m", "moothall", "--version"],
    "moothall validate": ["-m", "moothall", "validate", "--root", str(ROOT)],
    "moothall plan --format json": ["-m", "moothall", "plan", "--format", "json", "--root", str(ROOT)],
}
BUDGETS = {"moothall validate": 8.0}


def main() -> int:
    """Print the table; exit 1 when a budget is missed."""
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, words in CASES.items():
            times[name].append(seconds(lambda words=words: _run(words)))
    base = statistics.median(times[BASELINE])
    missed = False
    print(f"baseline: {BASELINE}; {ROUNDS} rounds, interleaved")
    print(f"{'work':32} {'median ms':>10} {'ratio':>7} {'budget':>7}")
    for name, found in times.items():
        median = statistics.median(found)
        budget = BUDGETS.get(name)
        missed |= budget is not None and median > budget * base
        print(f"{name:32} {median * 1000:10.1f} {median / base:7.1f} {budget or '':>7}")
    return int(missed)


def seconds(work: Callable[[], None]) -> float:
    """Return how long `work` takes, by the wall clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _run(words: list[str]) -> None:
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    raise SystemExit(main())
