"""One database server of a mirrored instance, inspected and controlled through its engine."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import Any, NamedTuple

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line
from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.port import EngineObject, as_json
from moothall.docker_engine.shape import NUMBER
from moothall.failures import Inconclusive
from moothall.model.engines import Engines
from moothall.model.planned import MirrorPlan, Plan
from moothall.postgres.lsn import parse_lsn
from moothall.postgres.paths import FENCE, UID

PRIMARY, STANDBY, FENCED, STOPPED, MISSING = "primary", "standby", "fenced", "stopped", "missing"
UP_ROLES = (PRIMARY, STANDBY, FENCED)
COME_UP_SECONDS = 90.0
"""How long a container may take to be a server: it recovers from a crash, and asks the other one who is in charge."""
PATIENCE = 30.0
"""Seconds for what a server does by itself in one: to start, to begin to stream."""
LOOK_SECONDS = 0.2
COPY_SECONDS = 24 * 3600
"""A day: how long a cluster may take to be copied to the other site."""
_LSN = re.compile("[0-9A-F]{1,8}/[0-9A-F]{1,8}")
_STATE = {
    "role": str,
    "timeline?": int,
    "position?": (_LSN, NoneType),
    "streaming?": bool,
    "follower?": (str, NoneType),
    "behind?": (int, NoneType),
    "ended?": str,
    "waits?": bool,
}
_OUTCOME = {"copied": bool, "lostBytes": int, "lostCommits": int, "lostSeconds": (*NUMBER, NoneType)}
"""What the programs in images/postgres/bin print."""


class State(NamedTuple):
    """The state of a server: its role, its timeline, and the position (bytes) up to which it has log.

    `follower` is the state of a primary's standby (streaming, catchup, None: there is none), `bytes_behind` how far
    behind it is. `end_time` is when a stopped container ended, in seconds since 1970; `clean_shutdown` says whether a
    fenced server was shut down in order, `synchronous` whether its commits wait for a standby while it is the primary.
    """

    role: str
    timeline: int = 0
    position: int = 0
    is_streaming: bool = False
    follower: str | None = None
    bytes_behind: int | None = None
    end_time: float | None = None
    clean_shutdown: bool = False
    synchronous: bool = True


@dataclass(frozen=True)
class Server:
    """A server of an instance: its site, its container, the name of its slot at the other one, and its engine."""

    instance: str
    site: str
    container: str
    slot: str
    engine: Engine

    def look(self) -> State:
        """Return the state of the server. Raises `Inconclusive` when its engine does not answer."""
        container = self.engine.container(self.container)
        if container is None:
            return State(MISSING)
        if not is_running(container):
            return State(STOPPED, end_time=_epoch_seconds(container["State"]["FinishedAt"]))
        return _parse_state(self.engine.command_json(self.container, ["state"], "state", _STATE))

    def checkpoint(self) -> None:
        """Have a primary that is about to be stopped do beforehand what would hold that up."""
        self.engine.answer(self.container, ["settle"])

    def fence(self, why: str) -> State:
        """See to it that this server never again starts as primary by itself, and stop it; return its state.

        A running one, also one that was paused, is stopped fast, so that a standby that follows gets all there is.
        """
        container = self.engine.container(self.container)
        if container is None:
            return State(MISSING)
        if container["State"]["Paused"]:
            self.start()
        elif not is_running(container):
            self.engine.put(self.container, FENCE, f"{why}\n", UID)
            return State(STOPPED, end_time=_epoch_seconds(container["State"]["FinishedAt"]))
        return _parse_state(self.engine.command_json(self.container, ["fence", why], "fence", _STATE))

    def start(self) -> None:
        """Have the container run; a fence holds."""
        self.engine.ensure_running(self.container)

    def promote(self, other: str) -> State:
        """Make it the primary, with a slot for the other server, and return its state."""
        return _parse_state(self.engine.command_json(self.container, ["promote", other], "promote", _STATE))

    def follow(self) -> dict[str, Any]:
        """Make a standby of a fenced server; return whether it was copied, and what of its own is lost."""
        engine = Engine(self.engine.endpoint, COPY_SECONDS)
        code, output = engine.run(self.container, ["follow"])
        if code != 0:
            raise Inconclusive(f"The server at {self.site} could not be made a standby ({code}): {last_line(output)}.")
        outcome: dict[str, Any] = as_json(last_line(output), "follow", _OUTCOME)
        return outcome

    def come_up(self) -> State:
        """Start it if need be, and return its state once it serves, follows or is fenced. Raises `Inconclusive`."""
        if self.look().role == STOPPED:
            self.start()
        return self.wait(lambda state: state.role in UP_ROLES, "does not come up", COME_UP_SECONDS)

    def wait(self, condition: Callable[[State], bool], what: str, patience: float = PATIENCE) -> State:
        """Return the state as soon as it meets the condition; raises `Inconclusive` after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not condition(state := self.look()):
            if time.monotonic() > deadline:
                raise Inconclusive(f"The server at {self.site} {what} within {patience:g} s (it is {state.role}).")
            time.sleep(LOOK_SECONDS)
        return state


def servers(plan: Plan, mirror: MirrorPlan, engines: Engines) -> dict[str, Server]:
    """Return both servers of a mirrored instance, by site; no engine is contacted yet."""
    engine_pool = EnginePool(plan, engines)
    return {
        site: Server(mirror.instance, site, mirror.server(site), mirror.slots[site], engine_pool.of_site(site))
        for site in (mirror.primary_site, mirror.site)
    }


def is_running(container: EngineObject) -> bool:
    """Return whether commands can be run in a container."""
    state = container["State"]
    return bool(state["Running"] and not state["Paused"] and not state["Restarting"])


def _parse_state(answer: dict[str, Any]) -> State:
    return State(
        role=answer["role"],
        timeline=answer.get("timeline", 0),
        position=parse_lsn(answer.get("position") or "0/0"),
        is_streaming=answer.get("streaming", False),
        follower=answer.get("follower"),
        bytes_behind=answer.get("behind"),
        clean_shutdown=answer.get("ended") == "shut down",
        synchronous=answer.get("waits", True),
    )


def _epoch_seconds(time: str) -> float | None:
    """Return a time of the engine's API (RFC 3339, nanoseconds) in seconds since 1970, None for "never"."""
    return None if time.startswith("0001") else datetime.fromisoformat(time[:19] + "+00:00").timestamp()
