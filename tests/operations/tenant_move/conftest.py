"""Moves of a tenant in memory: one root has it on the shared server, the other on a server of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.dales import DAY, define
from tests.fakes.machine import Machine
from tests.fakes.postgres import Cluster, Database
from tests.operations.conftest import Ticking

from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import Report
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.tenant_move.run import TenantMoveOptions, move
from moothall.ports import Silent

TENANT, SHARED, OWN = "carlin", "ledger", "ledger--carlin"
SERVERS = {SHARED: "dales.ledger.hill.postgres", OWN: "dales.ledger--carlin.hill.postgres"}
APPLICATION = f"dales.{TENANT}.hill.ledger-application"
DEDICATED = "      dedicated: true\n      networks: {hill: 10.1.2.0/24, vale: 10.3.2.0/24}\n"


@dataclass(frozen=True)
class Mover:
    """An operator who moves carlin on one machine; `roots` are the definitions, by the server that they have it on."""

    roots: Mapping[str, Path]
    state: Path
    machine: Machine

    def context(self, server: str, *words: str) -> Context:
        """Return a request with the definitions that have the tenant on a server."""
        return Context(self.roots[server], self.state, DAY, Silent(), command_words=("tenant", "move", *words))

    def move(self, server: str, **options: Any) -> Any:
        """Move the tenant to a server, or what the options say; return the view."""
        given = {"yes": True, **options}
        report: Report = move(self.context(server), TenantMoveOptions(TENANT, SHARED, **given))
        return report.view

    def cluster(self, server: str) -> Cluster:
        """Return what the primary of a server holds."""
        return self.machine.cluster(SERVERS[server])

    def databases(self, server: str) -> dict[str, object]:
        """Return the content of each of the tenant's databases on a server, by name without its moment."""
        if SERVERS[server] not in self.machine.made:
            return {}
        databases = self.cluster(server).databases.items()
        return {name.partition("-")[0]: found.content for name, found in databases if name.startswith(TENANT)}

    def holder(self) -> str:
        """Return the server that has the tenant's database; it is one."""
        standing = [server for server in SERVERS if SERVERS[server] in self.machine.made]
        [holder] = [server for server in standing if TENANT in self.cluster(server).databases]
        return holder


@pytest.fixture(scope="session")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The definitions, which nobody changes."""
    made = {server: tmp_path_factory.mktemp(server) for server in SERVERS}
    for root in made.values():
        define(root)
    file = made[OWN] / f"partnerships/dales/councils/{TENANT}.yaml"
    file.write_text(file.read_text().replace("    ledger:\n", f"    ledger:\n{DEDICATED}"))
    return made


@pytest.fixture
def mover(roots: Mapping[str, Path], machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    """The tenant stands on the shared server. What `up` does is to make what is not there, nothing that it asks."""
    made = Mover(roots, tmp_path / "state", machine)

    def reach(context: object, plan: object, *more: object) -> Reach:
        return Reach(Engines(Endpoint("unix:///nowhere")), {"hill": "one", "pass": "one", "vale": "one"}, {})

    def apply(context: Context, options: object) -> tuple[dict[str, list[object]], int]:
        plan, failed = chosen_plan(context), dict[str, object]()
        for stack in plan.stacks:
            try:
                if context.selects(stack):
                    machine.stand(plan, stack, Cluster({"postgres": Database("postgres")}, {}))
            except Inconclusive as reason:
                failed = {"stack": stack.name, "status": "failed", "reason": str(reason), "failures": []}
        return {"stacks": [failed] if failed else [], "waiting": []}, int(bool(failed))

    def destroy(context: Context, options: object) -> None:
        prefix = f"dales.{context.council}."
        for name in [name for name in machine.made if name.startswith(prefix)]:
            machine.step(f"remove {name}")
            machine.discard(machine.made[name])
        for name in [name for name in machine.volumes if name.startswith(prefix)]:
            del machine.volumes[name]

    monkeypatch.setattr("moothall.operations.stacks.engine_bindings.reach", reach)
    monkeypatch.setattr("moothall.operations.tenant_move.carrying.datetime", Ticking)
    monkeypatch.setattr("moothall.operations.tenant_move.run.apply", apply)
    monkeypatch.setattr("moothall.operations.tenant_move.run.destroy", destroy)
    return made
