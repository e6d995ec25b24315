"""Patroni on this machine: how long nobody can write, and what is lost, when its leader is switched or killed.

Needs root and Debian's packages patroni, etcd-server and postgresql-15; Debian's own Python has the driver:
`/usr/bin/python3 -m bench.patroni`, some half an hour. Three members of etcd and two servers on loopback, a new cluster
for each setting, and a client that writes a row every 50 ms to whichever server is the primary. No budgets.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import psycopg2

from bench.table import Row, show

ROUNDS = 5
EVERY = 0.05
PORTS = {"one": 15432, "two": 15433}
CLIENT = "host=127.0.0.1,127.0.0.1 port=15432,15433 user=postgres connect_timeout=2 target_session_attrs=read-write"
DEFAULT = {"ttl": 30, "loop_wait": 10, "retry_timeout": 10}
FASTER = {"ttl": 20, "loop_wait": 5, "retry_timeout": 7}


class Writer(threading.Thread):
    """Writes numbered rows and keeps, of each that was acknowledged, the moment, the number and the server's port."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[tuple[float, int, int]] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Write until told otherwise; whatever goes wrong, connect anew."""
        number = 0
        while not self.over.wait(EVERY):
            with suppress(psycopg2.Error), closing(psycopg2.connect(CLIENT)) as link:
                link.autocommit = True
                while not self.over.wait(EVERY):
                    number += 1
                    link.cursor().execute("INSERT INTO beat VALUES (%s)", (number,))
                    self.acknowledged.append((time.monotonic(), number, link.info.port))

    def resumed(self, since: float, ports: set[int]) -> float:
        """Wait for a row acknowledged after a moment at one of the ports; return how long after it was."""
        found = _until(lambda: [at for at, _, port in list(self.acknowledged) if at > since and port in ports])
        return float(found[0] - since)

    def longest(self, since: float) -> float:
        """Return the longest time between two acknowledged rows, of which the second was after a moment."""
        moments = [moment for moment, _, _ in self.acknowledged]
        return max(after - before for before, after in pairwise(moments) if after > since)


class Cluster:
    """Two servers under Patroni and three members of etcd, in a folder; all processes end with the stack."""

    def __init__(self, folder: Path, settings: dict[str, Any], stack: ExitStack) -> None:
        self.folder, self.settings, self.stack, self.writer = folder, settings, stack, Writer()
        self.patroni: dict[str, subprocess.Popen[bytes]] = {}
        members = {f"etcd{n}": f"http://127.0.0.1:12{n}8" for n in (3, 4, 5)}  # …9 for clients, …0 for each other
        peers = ",".join(f"{name}={url}0" for name, url in members.items())
        for name, url in members.items():
            words = f"--name {name} --data-dir {name} --listen-client-urls {url}9 --advertise-client-urls {url}9"
            words += f" --listen-peer-urls {url}0 --initial-advertise-peer-urls {url}0 --initial-cluster {peers}"
            self._start(name, "etcd", *words.split())
        self.join("one")
        _until(lambda: _ask("SELECT 1"))
        _ask("CREATE TABLE beat (n bigint)")
        self.join("two")
        self.writer.start()
        stack.callback(self.writer.over.set)
        self.writer.resumed(0, set(PORTS.values()))

    def join(self, name: str) -> None:
        """Start Patroni for a server."""
        words = {"name": name, "port": PORTS[name], "rest": PORTS[name] + 100, "folder": self.folder}
        pattern = Path(__file__).with_name("node.yml").read_text()
        (self.folder / f"{name}.yml").write_text(pattern.format(settings=json.dumps(self.settings), **words))
        self.patroni[name] = self._start(name, "patroni", f"{name}.yml")

    def roles(self) -> tuple[str, str]:
        """Return which server took the last row, and which is the other."""
        return ("one", "two") if self.writer.acknowledged[-1][2] == PORTS["one"] else ("two", "one")

    def streams(self, name: str, *states: str) -> bool:
        """Say whether a server follows the other in one of PostgreSQL's states: sync, async."""
        ask = "SELECT FROM pg_stat_replication WHERE state = 'streaming' AND application_name = %s AND sync_state IN %s"
        return bool(_ask(ask, name, states))

    def kill(self, name: str, *, patroni: bool) -> float:
        """Kill a server with all its processes, and its Patroni first if wanted; return the moment."""
        server = int((self.folder / name / "postmaster.pid").read_text().split()[0])
        children = map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())
        moment = time.monotonic()
        for pid in [self.patroni[name].pid] * patroni + [server, *children]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return moment

    def _start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder, env=env, **user)
        self.stack.callback(process.wait, 60)
        self.stack.callback(process.terminate)
        return process


def planned(cluster: Cluster) -> dict[str, float]:
    """Switch over as an operator would."""
    began, other = time.monotonic(), cluster.roles()[1]
    words = ["patronictl", "-c", str(cluster.folder / "one.yml"), "switchover", "bench", "--force"]
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    cluster.writer.resumed(began, {PORTS[other]})
    return {"nobody served": cluster.writer.longest(began)}


def power_cut(cluster: Cluster) -> dict[str, float]:
    """Kill the leader's server and Patroni, wait for the other, and let the killed one come back."""
    leader, other = cluster.roles()
    killed = cluster.kill(leader, patroni=True)
    gap = cluster.writer.resumed(killed, {PORTS[other]})
    there = {number for (number,) in _until(lambda: _ask("SELECT n FROM beat"))}
    rows = list(cluster.writer.acknowledged)
    lost = [n for at, n, port in rows if port == PORTS[leader] and at > killed - 5 and n not in there]
    began = time.monotonic()
    cluster.join(leader)
    _until(lambda: cluster.streams(leader, "sync", "async"))
    return {"kill to first write": gap, "rows lost": len(lost), "follows again after": time.monotonic() - began}


def server_only(cluster: Cluster) -> dict[str, float]:
    """Kill the leader's server alone."""
    leader = cluster.roles()[0]
    gap = cluster.writer.resumed(cluster.kill(leader, patroni=False), set(PORTS.values()))
    return {"kill to first write": gap, "by the same server": cluster.roles()[0] == leader}


def standby_gone(cluster: Cluster) -> dict[str, float]:
    """Kill the standby and its Patroni: how long commits wait for it."""
    killed = cluster.kill(standby := cluster.roles()[1], patroni=True)
    time.sleep(2 * cluster.settings["loop_wait"])
    cluster.writer.resumed(time.monotonic(), set(PORTS.values()))
    cluster.join(standby)
    return {"nobody served": cluster.writer.longest(killed)}


def rows(settings: dict[str, Any], *measures: Callable[[Cluster], dict[str, float]]) -> Iterator[Row]:
    """Measure and yield the rows: the median, each round, and the load average at their beginnings."""
    with tempfile.TemporaryDirectory(prefix="moothall-patroni-") as folder, ExitStack() as stack:
        subprocess.run(["chown", "postgres:", folder], check=True)
        cluster = Cluster(Path(folder), settings, stack)
        wanted = "sync" if settings.get("synchronous_mode") else "async"
        for measure in measures:
            found: dict[str, list[float]] = {}
            for turn in range(ROUNDS):
                _until(lambda: cluster.streams(cluster.roles()[1], wanted))
                time.sleep(settings["loop_wait"] * (1 + turn / ROUNDS))  # Patroni has looked, not always just now
                for name, value in ({"load": os.getloadavg()[0]} | measure(cluster)).items():
                    found.setdefault(name, []).append(float(value))
            for name, values in found.items():
                each = " ".join(f"{value:.2f}" for value in values)
                yield Row(f"{measure.__name__}: {name}", f"{median(values):.2f}", baseline=each)


def _ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask whichever server is the primary; nothing when there is none."""
    with suppress(psycopg2.OperationalError), closing(psycopg2.connect(CLIENT)) as link, link.cursor() as cursor:
        link.autocommit = True
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description is not None else []
    return []


def _until(ask: Callable[[], Any], seconds: float = 180) -> Any:
    until = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < until, ask
        time.sleep(EVERY)
    return answer


if __name__ == "__main__":
    show(f"Patroni, {DEFAULT}", rows(DEFAULT, planned, power_cut, server_only))
    show(f"Patroni, synchronous_mode, {DEFAULT}", rows(DEFAULT | {"synchronous_mode": True}, power_cut, standby_gone))
    show(f"Patroni, {FASTER}", rows(FASTER, planned, power_cut, server_only))
