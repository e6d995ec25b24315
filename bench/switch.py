"""Failing over and back: seconds from the command to the first login, with the servers killed and in a quiet moment.

Needs a container engine and the images, and stands up a small partnership of its own (`python -m bench.switch`).
MOOTHALL_TENANTS=nine takes the CRM with its nine tenants instead of the ERP with two.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.live.running import Place, small, whole

from bench.table import Row, show

ROUNDS = 5
NINE = os.environ.get("MOOTHALL_TENANTS") == "nine"
INSTANCE, HOME, AWAY = ("crm", "durham-dc", "morpeth") if NINE else ("erp", "morpeth", "durham-dc")
TENANTS = 9 if NINE else 2
FIRST_LOGIN = 10.0 if NINE else 5.0
INTERRUPTION = 5.0
TITLE = f"Failover and failback, {TENANTS} tenants, median of {ROUNDS} rounds"


def rows(place: Place) -> Iterator[Row]:
    """Measure and yield the rows, in seconds against the budget's."""
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for work, measure in (("planned", _planned), ("killed", _killed)):
            _settle(place)
            for name, seconds in measure(place).items():
                found.setdefault(f"{work}: {name}", []).append(seconds)
    for name, times in found.items():
        budget = FIRST_LOGIN if "first login" in name else INTERRUPTION if "interruption" in name else None
        spread = f"{min(times):.1f} to {max(times):.1f} s"
        yield Row(f"{name} ({spread})", f"{median(times):.1f} s", median(times), "s", most=budget)


def _planned(place: Place) -> dict[str, float]:
    over = _timed(place, "failover")
    _settle(place)
    back = _timed(place, "failback")
    return {
        "interruption there": over["interruptionSeconds"],
        "interruption back": back["interruptionSeconds"],
        "failover, whole command": over["whole"],
        "failback, whole command": back["whole"],
    }


def _killed(place: Place) -> dict[str, float]:
    names = [name for name in place.containers() if f".{HOME}." in name and INSTANCE in name]
    killed = [name for name in names if name.endswith((".postgres", "-application", "-gateway"))]
    subprocess.run(["docker", "kill", *killed], stdout=subprocess.DEVNULL, check=True)
    over = _timed(place, "failover")
    _timed(place, "failback")
    return {"command to first login": over["firstLoginSeconds"], "commits lost": over["lostCommits"]}


def _timed(place: Place, verb: str) -> dict[str, float]:
    """Return what a verb measured, and how long it took as a whole."""
    began = time.monotonic()
    run = place.run(verb, INSTANCE, "--yes", "--format", "json")
    whole_command = time.monotonic() - began
    assert run.code == 0, run
    told: dict[str, float] = json.loads(run.out)
    return {**told, "whole": whole_command}


def _settle(place: Place) -> None:
    """Wait until the applications at the site that does not serve have their models loaded."""
    until = time.monotonic() + 300
    while True:
        names = [name for name in place.containers() if name.endswith(f".{INSTANCE}-application")]
        said = [
            subprocess.run(["docker", "exec", n, "ready"], capture_output=True, text=True, check=False).stdout
            for n in names
        ]
        if len([word for word in said if word.strip() == "waiting"]) == TENANTS:
            return
        assert time.monotonic() < until, said
        time.sleep(1)


def main() -> int:
    """Stand it up, measure, take it down; return 1 when a budget is missed."""
    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
        place = (whole if NINE else small)(Path(folder), "bench-switch", 57)
        try:
            run = place.run("up", "--yes", timeout=1500)
            assert run.code == 0, run
            return int(any(row.missed for row in show(TITLE, rows(place))))
        finally:
            place.clear()


if __name__ == "__main__":
    sys.exit(main())
