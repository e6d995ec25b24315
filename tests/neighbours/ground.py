"""A server as it is planned, and two tenants' applications that reach it: one attacks, the other works."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from docker.models.containers import Container
from tests.images import configuration
from tests.images.bench import TRYTON_TMPFS, Bench, bounds
from tests.waiting import wait_until

from moothall.docker_engine.engine import Engine
from moothall.model.engines import Endpoint
from moothall.plan.config import postgres
from moothall.plan.containers import APPLICATION, POSTGRES
from moothall.postgres import databases
from moothall.postgres.server import DatabaseServer

ATTACKER, WORKER = "durham", "derwentside"
PASSWORD = "only-for-this-test"
ENDPOINT = Endpoint(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
QUIET = 200
"""Transactions against which those beside an attack are held."""


@dataclass
class Outcome:
    """What a tenant came to: the seconds of transactions and logins, and what ended or refused others."""

    transactions: list[float] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class Ground:
    """The server `pg` of an instance on one network, and an application's container for each of two tenants."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.container = self._server()
        self.server = DatabaseServer(Engine(ENDPOINT), str(self.container.name))
        self._applications = {name: self._application(name) for name in (ATTACKER, WORKER)}

    def run(self, tenant: str, script: str, *words: str) -> Any:
        """Run a script of this folder in a tenant's application container; return what it says, which is JSON."""
        text = resources.files("tests.neighbours").joinpath(f"{script}.py.txt").read_text()
        container = self._applications[tenant]
        done = container.exec_run(["/opt/t/bin/python", "-I", "-c", text, tenant, PASSWORD, *words])
        assert done.exit_code == 0, done.output.decode()
        return json.loads(done.output)

    def quiet(self) -> Outcome:
        """Have the worker do its transactions beside nobody."""
        return Outcome(**self.run(WORKER, "work", str(QUIET)))

    def beside(self, attack: str, *words: str) -> tuple[Outcome, Any]:
        """Have the worker do transactions for as long as an attack goes on; return what both came to."""
        working: list[Outcome] = []
        worker = self._applications[WORKER]
        worker.exec_run(["rm", "-f", "/tmp/begun", "/tmp/stop"])
        thread = threading.Thread(target=lambda: working.append(Outcome(**self.run(WORKER, "work", "0"))))
        thread.start()
        wait_until(lambda: worker.exec_run(["test", "-e", "/tmp/begun"]).exit_code == 0, "the neighbour works")
        try:
            attacked = self.run(ATTACKER, "attack", attack, *words)
        finally:
            worker.exec_run(["touch", "/tmp/stop"])
            thread.join()
        return working[0], attacked

    def _server(self) -> Container:
        files = {
            **self._bench.authority.leaf("pg-a", "server"),
            "role": "primary",
            "postgresql.conf": postgres.server("erp", archive=False, may_lose=None, waits_for=None),
            "pg_hba.conf": configuration.HBA,
            "pg_ident.conf": configuration.IDENT,
        }
        container = self._bench.start(
            "pg-a",
            "postgres",
            900,
            files,
            environment={**POSTGRES.environment, "PEER": "", "SLOT": ""},
            aliases=["pg"],
            tmpfs=POSTGRES.tmpfs,
            volumes={"data-a": "/var/lib/postgresql/data", "run-a": "/run/postgresql"},
            bounds=bounds(POSTGRES),
        )
        wait_until(lambda: container.exec_run("ready").exit_code == 0, "the server is ready")
        return container

    def _application(self, tenant: str) -> Container:
        provisioning = self.server.provisioning()
        databases.ensure_role(provisioning, tenant)
        databases.create(provisioning, tenant, tenant)
        self.server.administration().run(f"ALTER ROLE {tenant} PASSWORD '{PASSWORD}'")
        return self._bench.start(
            tenant,
            "tryton",
            910,
            self._bench.authority.leaf("app", "server"),
            command=["sleep", "infinity"],
            tmpfs=TRYTON_TMPFS,
            bounds=bounds(APPLICATION),
        )
