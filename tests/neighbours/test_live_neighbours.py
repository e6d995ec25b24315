"""What one tenant does to the server, and to the processors, that it shares with another; and what that one loses.

Latency is told and never held against a number: `make campaign` (MOOTHALL_NEIGHBOURS=whole) tells it for
docs/isolation.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

import pytest
from tests.images.bench import Bench
from tests.images.conftest import bench, tags
from tests.neighbours.ground import ATTACKER, WORKER, Ground, Outcome
from tests.waiting import wait_until

pytestmark = pytest.mark.live
__all__ = ["bench", "tags"]

WHOLE = os.environ.get("MOOTHALL_NEIGHBOURS") == "whole"
ATTACKS: dict[str, tuple[list[str], list[str], str]] = {
    "memory_of_one": ([], [], "out of memory"),
    "memory_of_all": ([], [], "out of memory"),
    "slots": ([], [], 'too many connections for role "durham"'),
    "silent logins": (["8", "silence"], ["60", "silence"], "opened"),
    "unfinished logins": (["8"], ["60"], "opened"),
    "temporary_files": ([], [], "temporary file size exceeds"),
    "rows": (["100"], ["2000"], "done"),
    "log": (["200"], ["4000"], "done"),
    "notifications": (["15"], ["90"], "terminating connection due to administrator command"),
    "processors": (["5"], ["60"], "done"),
    "messages": (["5"], ["60"], "done"),
    "processes": ([], [], "has an end"),
}
"""The words that each attack is given in short and as a whole, and what tells that it was made or met its bound."""
NAMES = {"silent logins": "unfinished", "unfinished logins": "unfinished"}


@pytest.fixture(scope="module")
def ground(bench: Bench) -> Iterator[Ground]:
    """A server with two tenants."""
    yield Ground(bench)


def told(attack: str, quiet: Outcome, beside: Outcome, met: Any) -> str:
    """Return a row of the table, and what the attack met."""
    ratio = median(beside.transactions) / median(quiet.transactions)
    slowest = quantiles(beside.transactions, n=100)[98] / quantiles(quiet.transactions, n=100)[98]
    logins = median(beside.logins) / median(quiet.logins) if beside.logins else float("nan")
    numbers = f"{len(beside.transactions)} | {len(beside.ended)} | {len(beside.logins)} | {len(beside.refused)}"
    return f"| {attack} | {numbers} | {ratio:.1f} | {slowest:.1f} | {logins:.1f} | {met}"


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_neighbour_goes_on(ground: Ground, attack: str) -> None:
    """No transaction of another is ended, and no login refused."""
    short, whole, bites = ATTACKS[attack]
    quiet = ground.quiet()

    beside, met = ground.beside(NAMES.get(attack, attack), *(whole if WHOLE else short))

    print(told(attack, quiet, beside, met))
    assert any(bites in word for word in met), met
    assert beside.ended == []
    assert beside.refused == []
    assert "terminated by signal" not in ground.container.logs().decode()


def test_who_fills_the_table_of_locks_does_so_for_a_moment(ground: Ground) -> None:
    """What PostgreSQL has once for all and bounds for nobody: others' transactions end until its sessions are ended."""
    quiet = ground.quiet()

    beside, met = ground.beside("locks")

    print(told("locks", quiet, beside, met))
    left = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'durham'"
    wait_until(lambda: ground.server.administration().rows(left) == [["0"]], "its sessions are ended")
    after = ground.quiet()
    assert after.ended == []
    assert after.refused == []


def test_who_holds_up_what_looks_into_tables_of_all_holds_one_of_three(ground: Ground) -> None:
    """Indexes whose expressions sleep for as long as their tables are analyzed: those of another are, all the same."""
    server, worker = ground.server.administration(), ground.server.tenant_session(WORKER)
    looking = "SELECT count(*) FROM pg_stat_progress_analyze WHERE datname = 'durham'"
    server.run("ALTER SYSTEM SET autovacuum_naptime = '1s'")
    server.run("SELECT pg_reload_conf()")
    assert ground.run(ATTACKER, "attack", "maintenance") == {"done": 5}
    wait_until(lambda: server.rows(looking) == [["3"]], "all of them are held up")

    worker.run("CREATE TABLE public.analyzed AS SELECT generate_series(1, 500) AS x")

    seen = "SELECT last_autoanalyze IS NOT NULL FROM pg_stat_user_tables WHERE relname = 'analyzed'"
    wait_until(lambda: worker.rows(seen) == [["t"]], "the other's table is analyzed", seconds=120)
    assert int(server.rows(looking)[0][0]) > 0
    for number in range(5):
        ground.server.tenant_session(ATTACKER).run(f"DROP TABLE public.analyzed_{number}")
    server.run("ALTER SYSTEM RESET autovacuum_naptime")
    server.run("SELECT pg_reload_conf()")
