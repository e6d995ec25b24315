"""Measure whole processes, interleaved with their baselines, and print medians and ratios as a table.

`make bench` needs some four minutes. Exit code 1 when a budget is missed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench import both, engine, large, previews, small, steps
from bench.table import Row, show


def main() -> int:
    """Print the tables; return 1 when a budget is missed."""
    rows: list[Row] = show(small.TITLE, small.rows())
    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
        rows += show(large.TITLE, large.rows(Path(folder)))
    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
        rows += show(previews.TITLE, previews.rows(Path(folder)))
    rows += show(engine.TITLE, engine.rows())
    rows += show(steps.TITLE, steps.rows())
    rows += show(both.TITLE, both.rows())
    missed = [row for row in rows if row.missed]
    print("\n" + (f"{len(missed)} over budget" if missed else "all within budget"))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
