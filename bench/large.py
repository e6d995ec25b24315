"""Ten thousand councils in fifty partnerships: reading, checking, remembering and comparing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.generate import generate
from bench.process import Cost, moothall, python, run
from bench.table import Row
from moothall.cache import folder_of
from moothall.cli import VERBS

COUNCILS = 10_000
PARTNERSHIPS = 50
ROUNDS = 5
PAIRS = 5
DAY = ("--as-of", "2010-01-01")
EVENTS = "libyaml's events only, same files, one Python process"
COLD = "validate, cold (no cache yet; one is written)"
WARM = "validate, 10 files changed"
SAME = "validate, nothing changed"
TITLE = f"{COUNCILS} councils in {PARTNERSHIPS} partnerships, whole process, median of {ROUNDS} interleaved rounds"
SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "council.schema.json"


def rows(folder: Path) -> Iterator[Row]:
    """Make the files below `folder`, measure and yield the rows."""
    root = folder / "root"
    generate(root, COUNCILS, PARTNERSHIPS)
    costs = _costs(root)
    spent = {work: median(cost.seconds for cost in found) for work, found in costs.items()}
    yield Row(EVENTS, _seconds(spent[EVENTS]))
    yield Row(COLD, _seconds(spent[COLD]), spent[COLD] / spent[EVENTS], "x", "libyaml's events only", most=3.5)
    yield _rival(folder, root)
    yield Row(WARM, _seconds(spent[WARM]), _beside(costs, WARM), "x", "cold", most=1)
    yield Row(SAME, _seconds(spent[SAME]), _beside(costs, SAME), "x", "cold")
    yield _diff(root)
    for work in (COLD, WARM, SAME):
        most = max(cost.megabytes for cost in costs[work])
        yield Row(f"memory of {work}", f"{most:.0f} MB", most, " MB", "ru_maxrss", most=150)


def _beside(costs: Mapping[str, Sequence[Cost]], work: str) -> float:
    """Return how long some work takes beside a cold run of the same round: the machine is not as fast in every one."""
    return median(cost.seconds / cold.seconds for cost, cold in zip(costs[work], costs[COLD], strict=True))


def _costs(root: Path) -> dict[str, list[Cost]]:
    """Return what each piece of work costs in every round."""
    validate = moothall("validate", *DAY, "--root", str(root))
    costs: dict[str, list[Cost]] = {work: [] for work in (EVENTS, COLD, WARM, SAME)}
    for number in range(ROUNDS):
        _forget(root)
        costs[EVENTS].append(run(python("-m", "bench.events", str(root))))
        costs[COLD].append(run(validate))
        _change(root, 10, number)
        costs[WARM].append(run(validate))
        costs[SAME].append(run(validate))
    return costs


def _change(root: Path, files: int, number: int) -> None:
    """Change the title in some files, far apart from each other."""
    councils = sorted(root.glob("partnerships/*/councils/*.yaml"))
    for path in councils[number :: len(councils) // files][:files]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("  title: Council", f"  title: Round {number} of council"), encoding="utf-8")


def _rival(folder: Path, root: Path) -> Row:
    """Measure check-jsonschema, once, in an environment of its own, with a cold run before and after it."""
    work = "check-jsonschema, the same files (shape only), once"
    environment = folder / "rival"
    try:
        run(python("-m", "venv", str(environment)))
        run([str(environment / "bin" / "pip"), "install", "-q", "check-jsonschema"])
    except RuntimeError as error:
        return Row(work, "", skipped=f"it cannot be installed here: {str(error).splitlines()[0]}")
    files = sorted(map(str, root.glob("partnerships/*/councils/*.yaml")))
    cold = [_cold(root) for _ in range(ROUNDS)]
    spent = run([str(environment / "bin" / "check-jsonschema"), "--schemafile", str(SCHEMA), *files]).seconds
    cold += [_cold(root) for _ in range(ROUNDS)]
    return Row(work, _seconds(spent), spent / median(cold), "x", "validate, cold, before and after", least=20)


def _cold(root: Path) -> float:
    _forget(root)
    return run(moothall("validate", *DAY, "--root", str(root))).seconds


def _forget(root: Path) -> None:
    """Remove what earlier runs have kept."""
    kept = folder_of(root)
    assert kept, "without a place for the cache there is nothing to compare"
    shutil.rmtree(kept, ignore_errors=True)


def _diff(root: Path) -> Row:
    """Measure the comparison with a commit from which one file differs, each beside a validation of ten changed files.

    One after the other, for on a machine that others use too the two are alike only at the same time.
    """
    work = "diff with one file changed"
    if "diff" not in VERBS:
        return Row(work, "", skipped="there is no verb diff yet")
    own = ("user.name=bench", "user.email=bench@example.test", "gc.auto=0", "maintenance.auto=false")
    git = ["git", "-C", str(root), *(word for setting in own for word in ("-c", setting))]
    for words in (["init", "-q"], ["add", "partnerships"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *words], check=True, stdout=sys.stderr)
    validate = moothall("validate", *DAY, "--root", str(root))
    compare = moothall("diff", "HEAD", *DAY, "--root", str(root))
    spent: dict[int, list[float]] = {10: [], 1: []}
    for number in range(PAIRS):
        for files, words in ((10, validate), (1, compare)):
            run(validate)
            _change(root, files, 100 + number)
            spent[files].append(run(words).seconds)
            subprocess.run([*git, "checkout", "-q", "--", "partnerships"], check=True)
    diff = median(spent[1])
    return Row(work, _seconds(diff), diff / median(spent[10]), "x", WARM, most=1.5)


def _seconds(spent: float) -> str:
    return f"{spent:.2f} s"
