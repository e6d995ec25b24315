"""One partnership, the project's own: what starting costs, against a Python that does nothing.

Measured in the processor's time: of works as short as these the clock says mostly who else was waiting for it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.process import moothall, python, run
from bench.table import Row

ROOT = Path(__file__).resolve().parents[1]
PARTNERSHIP = "northumberland-durham"
ROUNDS = 15
BASELINE = "python -c pass"
TITLE = f"One partnership ({PARTNERSHIP}), whole process, processor time, median of {ROUNDS} interleaved rounds"
BUDGETS = {"validate": 4.0, "validate --no-cache": 7.0}


def rows() -> Iterator[Row]:
    """Measure and yield the rows."""
    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "partnerships" / PARTNERSHIP, root / "partnerships" / PARTNERSHIP)
        shutil.copytree(ROOT / "modules", root / "modules")
        cases = {
            BASELINE: python("-c", "pass"),
            "--version": moothall("--version"),
            "validate": moothall("validate", "--root", folder),
            "validate --no-cache": moothall("validate", "--no-cache", "--root", folder),
            "plan --format json": moothall("plan", "--format", "json", "--root", folder),
        }
        run(cases["validate"])  # what every run but the first of a checkout finds
        times: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(ROUNDS):
            for name, words in cases.items():
                times[name].append(run(words).processors)
    base = median(times.pop(BASELINE))
    yield Row(BASELINE, f"{base * 1000:.0f} ms")
    for name, found in times.items():
        spent = median(found)
        yield Row(name, f"{spent * 1000:.0f} ms", spent / base, "x", BASELINE, most=BUDGETS.get(name))
