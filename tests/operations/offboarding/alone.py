"""A leaver who runs alone from an export on an engine in memory, which has heard of nobody before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from tests.fakes.containers import Volume
from tests.fakes.dales import DAY
from tests.fakes.postgres import Cluster, Database
from tests.fakes.provided import Planned
from tests.fakes.servers import SERVER
from tests.fakes.watched import Held, WatchedMachine

from moothall.failures import Inconclusive
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.offboarding.standalone import rehearse
from moothall.ports import Progress, Silent
from moothall.pulumi_engine.protocol.resource_types import VOLUME
from moothall.pulumi_engine.provider.port import Live

CHANGES = ("create ", "delete ", "put ", "have_tenant ", "DROP ", "fill ", "rm ", "COMMENT ")
"""The first words of what changes an engine, or what a server on it holds."""


class Home(WatchedMachine):
    """An engine whose new servers are empty, and whose volumes take their clusters with them."""

    def asked(self) -> None:
        """Take a call; a volume that is gone has left nothing."""
        there = {each.name for each in self.engine.objects.values() if each.kind == VOLUME}
        self.volumes = {name: volume for name, volume in self.volumes.items() if name in there}
        super().asked()

    def step(self, what: str) -> None:
        """Have a server do something, which is heard before it is done."""
        self.heard.append(what)
        self.watch(what)
        super().step(what)

    def _planned(self, live: Live) -> Planned:
        if live.name.endswith(f".{SERVER}"):
            volume = self.volumes.setdefault(f"{live.name.removesuffix(f'.{SERVER}')}.data", Volume())
            volume.cluster = volume.cluster or Cluster({"postgres": Database("postgres")}, {})
        return super()._planned(live)

    def verified(self, plan: Plan, vault: object, engines: object, **how: object) -> tuple[CheckResult, ...]:
        """Return whether each tenant's rows are there, once, as `verify` does, which raises nothing."""
        try:
            self.asked()
        except Inconclusive as reason:
            return tuple(CheckResult(f"data.{each.council}", "", COULD_NOT_RUN, str(reason)) for each in plan.tenants)
        [cluster] = [volume.cluster for volume in self.volumes.values() if volume.cluster]
        tables = [cluster.databases[each.database].tables for each in plan.tenants]
        status = PASSED if [len(rows) for table in tables for rows in table.values()] == [2] else FAILED
        return tuple(CheckResult(f"data.{each.council}", "", status, "") for each in plan.tenants)


class Still(NamedTuple):
    """All that is there at a moment."""

    held: Held
    volumes: dict[str, Volume]
    files: Mapping[Path, bytes]


class Leaver:
    """Somebody of the council, with its export; each rehearsal is a process of its own. `dead` has been one."""

    def __init__(self, export: Path, machine: Home, dead: int) -> None:
        self.export = export
        self.machine = machine
        self.dead = dead
        self.progress: Progress = Silent()

    @property
    def root(self) -> Path:
        """Where what stands is described."""
        return self.export.with_name(f".{self.export.name}.alone")

    def rehearse(self, *, keep_standing: bool = False) -> list[CheckResult]:
        """Run alone."""
        root, words = self.export.parent, ("decommission", "carlin", "--rehearse", str(self.export))
        context = Context(root, root / ".moothall", DAY, self.progress, command_words=words)
        return rehearse(context, "carlin", self.export, keep_standing=keep_standing)

    def standing(self) -> list[str]:
        """Return the names of all objects on the engine."""
        return sorted(each.name for each in self.machine.engine.objects.values())

    def still(self) -> Still:
        """Return what is there now."""
        files = {path: path.read_bytes() for path in self._files()}
        return Still(self.machine.hold(), deepcopy(self.machine.volumes), files)

    def resume(self, still: Still) -> None:
        """Have what was there at a moment; whoever was at work then is dead."""
        self.machine.resume(still.held)
        self.machine.volumes = deepcopy(still.volumes)
        shutil.rmtree(self.root, ignore_errors=True)
        for path, content in still.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._of_the_dead(content) if "locks" in path.parts else content)

    def _files(self) -> list[Path]:
        lock = self.export.with_name(f".{self.export.name}.lock")
        return [path for path in (*self.root.rglob("*"), lock) if path.is_file()]

    def _of_the_dead(self, lock: bytes) -> bytes:
        owner: dict[str, Any] = {**json.loads(lock), "pid": self.dead}
        return json.dumps(owner).encode()
