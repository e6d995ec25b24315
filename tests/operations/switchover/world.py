"""A small world in memory: the containers of an instance on one engine, and two servers that know who replaced whom.

It stands behind the port through which `switch` and `verify` see an engine, and obeys what the images' own tests prove.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.postgres_fake import script_of, whole

from moothall.docker_engine.port import EngineMethods
from moothall.failures import Inconclusive
from moothall.model.outcome import PASSED, SKIPPED, CheckResult
from moothall.model.planned import JOB, Plan

SERVER = "postgres"
LOGIN_SECONDS = 5
"""How long somebody who logs in tries again."""
RUNNING, EXITED, PAUSED = "running", "exited", "paused"


@dataclass
class Volume:
    """What a server's data volume holds."""

    primary: bool
    fenced: bool = False
    timeline: int = 1


class World:
    """What stands, and what becomes of it; `silent` says that the engine does not answer, `hung` whose commands fail.

    `fails` are commands in containers that fail the next time, whatever the world is like.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        [mirror] = [mirror for mirror in plan.mirrors if mirror.instance == "erp"]
        self.mirror = mirror
        self.volumes = {mirror.primary_site: Volume(True), mirror.site: Volume(False)}
        self.roles = {c.name: c for stack in plan.stacks for c in stack.containers if c.kind != JOB}
        self.sites = {c.name: stack.site for stack in plan.stacks for c in stack.containers}
        self.status = dict.fromkeys(self.roles, RUNNING)
        self.silent = False
        self.hung: set[str] = set()
        self.fails: list[str] = []

    def at(self, site: str) -> list[str]:
        """Return the names of the containers at a site."""
        return [name for name in self.roles if self.sites[name] == site]

    def stop(self, *names: str, status: str = EXITED) -> None:
        """Have containers be something else than running."""
        self.status |= dict.fromkeys(names, status)

    def remove(self, *names: str) -> None:
        """Remove containers; their volumes stay."""
        for name in names:
            del self.status[name]

    def start(self, name: str) -> None:
        """Start a container, or let it go on. A server that was replaced fences itself when it hears of it."""
        self.status[name] = RUNNING
        if self.roles[name].role == SERVER and self.roles[name].instance == "erp":
            mine, other = self._both(self.sites[name])
            if mine.primary and self._hears(self.sites[name]) and other.primary and other.timeline > mine.timeline:
                mine.fenced = True

    def up(self) -> None:
        """Make everything there and running, as `up` does."""
        for name in sorted(self.roles, key=lambda name: self.roles[name].role == SERVER):
            if self.status.get(name) != RUNNING:
                self.start(name)

    def command(self, name: str, words: Sequence[str]) -> tuple[int, str]:
        """Run a command in a container; return its exit code and what it prints."""
        if self.status.get(name) != RUNNING or name in self.hung:
            raise Inconclusive(f"No command can be run in the container {name}: it is {self.status.get(name)}.")
        if words[0] in self.fails:
            self.fails.remove(words[0])
            return 1, f"{words[0]} failed"
        if script := script_of(words):
            role = "f" if self.role(self.sites[name]) == "primary" else "t"
            return 0, role if "pg_is_in_recovery" in script else ""
        return getattr(self, f"_{words[0]}")(self.sites[name])

    def role(self, site: str) -> str:
        """Return what the server at a site is."""
        volume = self.volumes[site]
        return "fenced" if volume.fenced else "primary" if volume.primary else "standby"

    def _both(self, site: str) -> tuple[Volume, Volume]:
        return self.volumes[site], self.volumes[self.mirror.other_site(site)]

    def _way(self) -> bool:
        ways = [n for n, c in self.roles.items() if c.instance == "erp" and c.role.startswith("database-")]
        return all(self.status.get(name) == RUNNING for name in ways)

    def _hears(self, site: str) -> bool:
        other = self.mirror.other_site(site)
        runs = self.status.get(self.mirror.server(other)) == RUNNING and not self.volumes[other].fenced
        return self._way() and runs

    def _state(self, site: str) -> tuple[int, str]:
        follows = self._hears(site) and not self.volumes[self.mirror.other_site(site)].primary
        said = {"role": self.role(site), "timeline": self.volumes[site].timeline, "waits": False}
        said["position"] = "0/0" if self.volumes[site].fenced else "0/1"  # a standby has the last record, and more
        said |= {"ended": "shut down", "streaming": self._hears(site), "follower": "streaming" if follows else None}
        return 0, json.dumps(said)

    def _settle(self, site: str) -> tuple[int, str]:
        return 0, ""

    def _fence(self, site: str) -> tuple[int, str]:
        self.volumes[site].fenced = True
        return self._state(site)

    def _promote(self, site: str) -> tuple[int, str]:
        mine, other = self._both(site)
        if mine.fenced and self._hears(site) and other.primary and other.timeline > mine.timeline:
            return 7, "the other one has taken over"
        if not mine.primary:
            mine.primary, mine.timeline = True, max(mine.timeline, other.timeline) + 1
        mine.fenced = False
        return self._state(site)

    def _follow(self, site: str) -> tuple[int, str]:
        mine, other = self._both(site)
        if not self._hears(site):
            return 4, 'could not translate host name "pg-other" to address'
        if not other.primary:
            return 6, "the other server is no primary"
        if mine.fenced:
            mine.primary, mine.fenced, mine.timeline = False, False, other.timeline
        return 0, json.dumps({"copied": False, "lostBytes": 0, "lostCommits": 0, "lostSeconds": 0})

    def logins(self, plan: Plan, vault: Any, engines: Any, tenants: Any, *more: Any) -> tuple[CheckResult, ...]:
        """Log in as every tenant: its own relay has to run, and a server that takes writes."""
        gate = more[-1]
        for _ in {tenant.council for tenant in tenants} if gate else ():
            gate.arrive()
        if gate and not gate.passes():
            return ()
        until = time.monotonic() + LOGIN_SECONDS
        while not (good := self._served()) and time.monotonic() < until:
            time.sleep(0.01)
        return tuple(
            CheckResult(f"login.{t.council}.erp", "", PASSED if good else "failed", "", 0.1)
            if self.status.get(t.relay) == RUNNING
            else CheckResult(f"login.{t.council}.erp", "", SKIPPED, "its relay does not run")
            for t in tenants
        )

    def _served(self) -> bool:
        return any(
            self.role(site) == "primary" and self.status.get(self.mirror.server(site)) == RUNNING
            for site in self.volumes
        )


class Engine(EngineMethods):
    """The world as `moothall.docker_engine.engine.Engine` shows an engine."""

    def __init__(self, world: World, endpoint: Any) -> None:
        self.world = world
        self.endpoint = endpoint
        self.host = endpoint.host

    def version(self) -> str:
        """Return a version, if it answers."""
        self._answers()
        return "20.10.24"

    def containers(self) -> list[dict[str, Any]]:
        """Return the summary of all containers."""
        self._answers()
        return [{"Names": [f"/{name}"], "State": status} for name, status in self.world.status.items()]

    def container(self, name: str) -> dict[str, Any] | None:
        """Return as much of a container as is looked at."""
        self._answers()
        if name not in self.world.status:
            return None
        status = self.world.status[name]
        finished = "2026-01-01T00:00:00Z"
        state = {"Running": status != EXITED, "Paused": status == PAUSED, "Restarting": False, "FinishedAt": finished}
        return {"State": state}

    def ensure_running(self, name: str) -> None:
        """Have a container run."""
        self._answers()
        if name not in self.world.status:
            raise Inconclusive(f"The container {name} cannot be started: no such container.")
        self.world.start(name)

    def put(self, name: str, path: str, text: str, user: int) -> None:
        """Put a fence into a data volume."""
        assert path.endswith("/fenced")
        self.world.volumes[self.world.sites[name]].fenced = True

    def run(self, name: str, words: Sequence[str]) -> tuple[int, str]:
        """Run a command."""
        self._answers()
        code, output = self.world.command(name, words)
        return code, whole(words, output)

    def _answers(self) -> None:
        if self.world.silent:
            raise Inconclusive("The container engine does not answer.")
