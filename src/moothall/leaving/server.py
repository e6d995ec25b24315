"""The server that holds a tenant's data now, spoken to over its own socket as its superuser."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import CouldNotRun
from moothall.leaving.lines import Lines
from moothall.leaving.tenancy import Tenancy

START_SECONDS = 120
PSQL = ("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres")


@dataclass(frozen=True)
class Server:
    """A running server: its engine and its container."""

    engine: Engine
    container: str

    def wait(self) -> None:
        """Wait until the server takes connections; raises `CouldNotRun` when it does not, or has ended."""
        until = time.monotonic() + START_SECONDS
        while self.engine.run(self.container, ["pg_isready", "-q", "-h", "/run/postgresql"])[0] != 0:
            if time.monotonic() > until:
                raise CouldNotRun(f"The server in {self.container} did not start within {START_SECONDS} s.")
            time.sleep(0.3)

    def ask(self, database: str, *statements: str) -> str:
        """Return what the statements answer, each in a transaction of its own; raises `CouldNotRun`."""
        words = [word for statement in statements for word in ("-c", statement)]
        return self.engine.answer(self.container, [*PSQL, "-d", database, *words])

    def stream(
        self,
        script: str,
        database: str,
        out: Callable[[bytes], object],
        heard: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Run a psql script; hand its output to `out` as it comes, and each line of its error stream to `heard`.

        Raises `CouldNotRun` when the script ends badly.
        """
        command = ["sh", "-c", f'printf %s "$0" | exec {" ".join(PSQL)} -d "$DATABASE" -f -', script]
        lines = Lines(heard)
        code = self.engine.run_streaming(self.container, command, {"DATABASE": database}, out, lines.add)
        if code != 0:
            raise CouldNotRun(f"psql in {self.container} ended with {code}: {lines.last[:300]}")


def holder(crew: EnginePool, tenancy: Tenancy) -> Server:
    """Return the server that takes writes, wherever a failover has put it; raises `CouldNotRun` when there is none."""
    silent = []
    for container in tenancy.servers:
        server = Server(crew.of(container.name), container.name)
        try:
            if server.ask("postgres", "SELECT pg_is_in_recovery()") == "f":
                return server
        except CouldNotRun as reason:
            silent.append(str(reason))
    raise CouldNotRun(f"No server of {tenancy.instance} takes writes. {' '.join(silent)}".strip())


def literal(text: str) -> str:
    """Return text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """Return text as a name of SQL."""
    return '"' + text.replace('"', '""') + '"'
