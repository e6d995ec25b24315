"""The programs of images/postgres by which two servers of an instance change roles, in memory.

A server with a fence in its volume serves nobody, and is no standby either, until it follows or is promoted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING

from tests.fakes.containers import RUNNING, Container

from moothall.docker_engine.one_off import ContainerResult
from moothall.postgres.paths import FENCE

if TYPE_CHECKING:
    from tests.fakes.servers import Servers

DEAF = ContainerResult(4, "", "could not connect to the other server\n")
NO_PRIMARY = ContainerResult(6, "", "the other server is no primary\n")
NOTHING_LOST = {"copied": False, "lostBytes": 0, "lostCommits": 0, "lostSeconds": 0}


def role(made: Container) -> str:
    """Return what a server is."""
    assert made.data.cluster
    if is_fenced(made):
        return "fenced"
    return "standby" if made.data.cluster.follows else "primary"


def is_fenced(made: Container) -> bool:
    """Say whether a server must not serve."""
    files, name = made.locate(FENCE)
    return name in files


def _state(machine: Servers, made: Container, words: list[str]) -> str:
    assert made.data.cluster
    own = role(made)
    others = [role(each) for each in machine.other_servers(made) if each.status == RUNNING and each.data.cluster]
    said = {"role": own, "timeline": made.data.cluster.timeline, "waits": False, "ended": "shut down"}
    said |= {"position": "0/0" if own == "fenced" else "0/1"}  # a standby has the last record, and more
    said |= {"follower": "streaming" if own == "primary" and "standby" in others else None}
    return json.dumps(said | {"streaming": own == "standby" and "primary" in others})


def _settle(machine: Servers, made: Container, words: list[str]) -> str:
    return ""


def _fence(machine: Servers, made: Container, words: list[str]) -> str:
    if not is_fenced(made):
        machine.step(f"fence {made.name}")
        files, name = made.locate(FENCE)
        files[name] = words[0].encode()
    return _state(machine, made, words)


def _promote(machine: Servers, made: Container, words: list[str]) -> str:
    assert made.data.cluster
    others = [each for each in machine.other_servers(made) if each.status == RUNNING]
    assert "primary" not in map(role, others), "two servers that take writes"
    if role(made) != "primary":
        machine.step(f"promote {made.name}")
        files, name = made.locate(FENCE)
        files.pop(name, None)
        if made.data.cluster.follows:
            made.data.cluster.follows = False
            made.data.cluster.timeline += 1
    return _state(machine, made, words)


def _follow(machine: Servers, made: Container, words: list[str]) -> str | ContainerResult:
    others = [each for each in machine.other_servers(made) if each.status == RUNNING and not is_fenced(each)]
    if not is_fenced(made):
        return json.dumps(NOTHING_LOST)
    if not others:
        return DEAF
    if role(others[0]) != "primary":
        return NO_PRIMARY
    machine.step(f"follow in {made.name}")
    made.data.cluster = deepcopy(others[0].data.cluster)
    assert made.data.cluster
    made.data.cluster.follows = True
    files, name = made.locate(FENCE)
    del files[name]
    return json.dumps(NOTHING_LOST)


SWITCHING: dict[str, Callable[[Servers, Container, list[str]], str | ContainerResult]] = {
    "state": _state,
    "settle": _settle,
    "fence": _fence,
    "promote": _promote,
    "follow": _follow,
}
"""By the name, what a program does with a machine, a container and the words after its name, and what it prints."""
