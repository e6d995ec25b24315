"""Promises, attacked: killed at random moments, foreign objects in the way, taken down and stood up again."""

from __future__ import annotations

import os
import random
import signal
import subprocess

import docker
import pytest
from tests.live.helpers.running import Place

from moothall.model import filesname

pytestmark = pytest.mark.live

KILLS = int(os.environ.get("MOOTHALL_KILLS", "4"))
"""How many times `up` is killed; twenty in the full campaign."""
IN_A_ROW = 2
"""How many of them follow each other before one is let go on to its end."""


def _killed_up(place: Place, after: float) -> None:
    """Start `up` and kill it, and only it, `after` seconds later."""
    process = subprocess.Popen(
        place.command("up", "--yes"),
        env=place.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_up_goes_on_where_it_stopped_and_data_outlives_destroy(little: Place) -> None:
    """After kill -9 at random moments, twice in a row, up completes, duplicates nothing and loses no volume.

    Destroy keeps data volumes until their loss is confirmed by name: what was written is there again after the next up.
    """
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    print(f"seed {seed}")
    whole, kept = _planned_names(little), set[str]()
    for attempt in range(0, KILLS, IN_A_ROW):
        moments = [chance.uniform(0.3, 14.0) for _ in range(IN_A_ROW)]
        for after in moments:
            _killed_up(little, after)
        volumes = little.own_volumes()

        run = little.run("up", "--yes")

        assert run.code == 0, f"attempt {attempt}, killed after {moments} s: {run}"
        assert set(little.containers()) == whole
        assert volumes.items() <= little.own_volumes().items()
        empty = little.run("preview", "--detailed-exitcode")
        assert empty.code == 0, empty
        if kept:
            assert little.ask("SELECT answer FROM kept") == "42"
        else:
            kept = {name for name in little.volumes() if name.endswith((".data", ".backups"))}
            little.ask("CREATE TABLE kept AS SELECT 42 AS answer")
        refused = little.run("destroy", "--with-data", "--yes")
        assert refused.code == 5, refused
        down = little.run("destroy", "--yes")
        assert down.code == 0, down
        assert little.containers() == {}
        assert set(little.volumes()) == kept
    assert little.run("destroy", "--with-data", "--confirm", little.name).code == 0
    assert little.volumes() == {}


def _planned_names(place: Place) -> set[str]:
    plan = place.run("plan", "--format", "json").json
    names = {container["name"] for stack in plan["stacks"] for container in stack["containers"]}
    return names | set(map(filesname.uploader, names))


def test_foreign_object_is_not_touched(little: Place) -> None:
    """A volume of a planned name that is not ours stops up before it touches anything of that stack."""
    client = docker.from_env()
    foreign = client.volumes.create("mh-little.erp.morpeth.data", labels={"whose": "somebody else"})
    try:
        run = little.run("up", "--yes")

        assert run.code == 4, run
        assert "mh-little.erp.morpeth.data" in run.out + run.err
        assert client.volumes.get(foreign.name).attrs["CreatedAt"] == foreign.attrs["CreatedAt"]
        assert not [name for name in little.containers() if name.startswith("mh-little.erp.morpeth.")]
    finally:
        little.clear()
        foreign.remove()


def test_another_state_takes_nothing_over(little: Place) -> None:
    """A second state with another key refuses what the first one stood up."""
    assert little.run("up", "--yes", "--site", "consett", "--format", "json").code == 0
    before = little.identities()

    run = little.run("up", "--yes", "--state", str(little.root / "other-state"))

    assert run.code == 4, run
    assert little.identities() == before


def test_a_second_up_at_the_same_time_is_told(little: Place) -> None:
    """Two ups at once: what one works on is locked to the other, which says so; nothing is done twice."""
    processes = [
        subprocess.Popen(
            little.command("up", "--yes"),
            env=little.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [process.communicate()[1] for process in processes]
    codes = sorted(process.returncode for process in processes)

    run = little.run("up", "--yes")

    assert set(codes) <= {0, 5}, ends
    assert run.code == 0, run
    assert set(little.containers()) == _planned_names(little)
