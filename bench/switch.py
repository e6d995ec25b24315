"""Failing over and back: seconds from the command to the first login, with the servers killed and in a quiet moment.

`python -m bench.switch 2 9 30` stands up a partnership of its own for each number of tenants (2 if none is given),
which needs a container engine and the images. Before anything happens it measures what they cost while nobody does
anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.live.helpers.running import Place

from bench import idle
from bench.councils import SMALL, WHOLE, place
from bench.table import Row, show

ROUNDS = 5
IDLE_SECONDS = 60


class Bench:
    """One partnership, and the instance in it that changes sites."""

    def __init__(self, standing: Place, instance: str, tenants: int) -> None:
        """Take what stands, and how many tenants the instance has."""
        self.place, self.instance, self.tenants = standing, instance, tenants
        self.home = "morpeth" if instance == "erp" else "durham-dc"
        self.interruption = 5.0 if tenants <= WHOLE else 10.0
        self.first_login = 5.0 if tenants == SMALL else 10.0

    def rows(self) -> Iterator[Row]:
        """Measure and yield the rows, in seconds against the budget's."""
        self._settle()
        yield from idle.rows(self.place.name, self.instance, self.tenants, IDLE_SECONDS)
        found: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for work, measure in (("planned", self._planned), ("killed", self._killed)):
                self._settle()
                for name, seconds in measure().items():
                    found.setdefault(f"{work}: {name}", []).append(seconds)
        for name, times in found.items():
            spread = f"{min(times):.1f} to {max(times):.1f} s"
            yield Row(f"{name} ({spread})", f"{median(times):.1f} s", median(times), "s", most=self._budget(name))

    def _budget(self, name: str) -> float | None:
        if "first login" in name:
            return self.first_login
        return self.interruption if "interruption" in name else None

    def _planned(self) -> dict[str, float]:
        over = self._timed("failover")
        back = self._timed("failback")
        return {
            "interruption there": over["interruptionSeconds"],
            "interruption back": back["interruptionSeconds"],
            "failover, whole command": over["whole"],
            "failback at once, whole command": back["whole"],
        }

    def _killed(self) -> dict[str, float]:
        names = [name for name in self.place.containers() if f".{self.home}." in name and self.instance in name]
        killed = [name for name in names if name.endswith((".postgres", "-application", "-gateway"))]
        subprocess.run(["docker", "kill", *killed], stdout=subprocess.DEVNULL, check=True)
        over = self._timed("failover")
        self._timed("failback")
        return {"command to first login": over["firstLoginSeconds"], "commits lost": over["lostCommits"]}

    def _timed(self, verb: str) -> dict[str, float]:
        """Return what a verb measured, and how long it took as a whole."""
        began = time.monotonic()
        run = self.place.run(verb, self.instance, "--yes", "--format", "json")
        whole_command = time.monotonic() - began
        assert run.code == 0, run
        told: dict[str, float] = json.loads(run.out)
        return {**told, "whole": whole_command}

    def _settle(self) -> None:
        """Wait until the applications at the site that does not serve have their models loaded."""
        until = time.monotonic() + 600
        names = [name for name in self.place.containers() if name.endswith(f".{self.instance}-application")]
        while (waiting := sum(_said(name) == "waiting" for name in names)) != self.tenants:
            assert time.monotonic() < until, f"{waiting} of {self.tenants} wait"
            time.sleep(1)


def _said(application: str) -> str:
    done = subprocess.run(["docker", "exec", application, "ready"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def main(numbers: list[int]) -> int:
    """Stand each up, measure, take it down; return 1 when a budget is missed."""
    missed = False
    for tenants in numbers or [SMALL]:
        with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
            standing, instance = place(Path(folder), tenants)
            try:
                run = standing.run("up", "--yes", "--wait", "600", timeout=3000)
                assert run.code == 0, run
                title = f"Failover and failback, {tenants} tenants, median of {ROUNDS} rounds"
                missed |= any(row.missed for row in show(title, Bench(standing, instance, tenants).rows()))
            finally:
                standing.clear()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
