"""What looking ahead costs: a partnership that stands as planned, and one council of few and of many."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.generate import generate
from bench.process import moothall, run
from bench.table import Row

ROOT = Path(__file__).resolve().parents[1]
PARTNERSHIP = "northumberland-durham"
ROUNDS = 3
MANY = (10, 100, 1000)
DAY = ("--as-of", "2010-01-01")
TITLE = f"preview, whole process, median of {ROUNDS} interleaved rounds"


def rows(folder: Path) -> Iterator[Row]:
    """Measure and yield the rows; definitions are made below `folder`."""
    yield _standing("all stacks, nothing changed")
    yield _standing("one council's stacks, nothing changed", "--council", "durham")
    (folder / "passphrase").write_text("a passphrase of the benchmark\n")
    (folder / "passphrase").chmod(0o600)
    os.environ["MOOTHALL_PASSPHRASE_FILE"] = str(folder / "passphrase")
    words = {}
    for number in MANY:
        generate(folder / str(number), number, 1)
        words[number] = moothall("preview", "--council", "council-00005", *DAY, "--root", str(folder / str(number)))
    try:
        for number in MANY:  # what every run but the first of a checkout finds
            run(words[number])
        times = [{number: run(words[number]).seconds for number in MANY} for _ in range(ROUNDS)]
    except RuntimeError as error:
        yield Row("a new council", "", skipped=str(error).splitlines()[-1])
        return
    spent = {number: median(each[number] for each in times) for number in MANY}
    few = spent[MANY[0]]
    for number in MANY:
        most = None if number == MANY[0] else 1.2
        baseline = f"one of {MANY[0]}"
        yield Row(f"a new council, one of {number}", f"{spent[number]:.2f} s", spent[number] / few, "x", baseline, most)


def _standing(work: str, *chosen: str) -> Row:
    """Measure the project's own partnership, where it stands as the definitions say."""
    words = moothall("preview", "--partnership", PARTNERSHIP, "--detailed-exitcode", *chosen, "--root", str(ROOT))
    try:
        spent = median(run(words).seconds for _ in range(ROUNDS))
    except RuntimeError:
        return Row(work, "", skipped=f"{PARTNERSHIP} does not stand as planned; `make demo` stands it up")
    return Row(work, f"{spent:.2f} s", spent, " s", "none", most=1.0)
