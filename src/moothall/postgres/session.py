"""SQL on a server: over its socket in its own container, by psql (PostgreSQL 15), as a role on a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line
from moothall.failures import Inconclusive
from moothall.postgres.lines import Lines, members

SUPERUSER = "postgres"
"""The role of the server's own."""
MAINTENANCE = "postgres"
"""The database that every server has, for what is about others."""
_PSQL = 'export PGOPTIONS="$1"; shift; printf %s "$0" | psql -XAtq -v ON_ERROR_STOP=1 "$@"'
END = "(end of the answer)"
"""The last line of an answer that is whole: a busy engine sometimes loses what a command printed (Docker 20.10)."""
_NOT_NOW = "FATAL:  the database system is "
"""How the server begins to say that it cannot be connected to now (PostgreSQL 15, SQLSTATE 57P03)."""
_ATTEMPTS = 3
"""How often at most a script is run whose answer the engine loses."""
_NULL = "\\N"
"""What psql is to print for NULL, as COPY does: a row of nothing else would be an empty line, and no row."""
GUARDED = "-c search_path=pg_catalog -c client_min_messages=error -c lock_timeout=5s -c statement_timeout=300s"
"""What holds whatever a database's owner has set for it: names that only the server gives, no notices between answers,
and no waiting for whoever holds on to a table."""


class NotYetReady(Inconclusive):
    """The server is there and lets nobody in at the moment: it starts, replays its log, or shuts down."""


@dataclass(frozen=True)
class Session:
    """A role on a database of the server in a container; each script is a connection of its own.

    Scripts are psql's, each statement of them a transaction; `values` are bound, and stand in a script as `:'value'`
    for a literal and `:"value"` for a name.
    """

    engine: Engine
    container: str
    role: str
    database: str

    def rows(self, script: str, **values: str) -> list[list[str]]:
        """Run a script and return the rows of its answers; NULL is an empty text.

        It is run again when the engine loses the answer, so it must be one that may be.
        Raises Inconclusive with the server's own words when a statement fails; those before it are done.
        """
        answer = self._complete_answer(script, ("-F", "|", "-P", f"null={_NULL}"), values)
        lines = (line.split("|") for line in answer.splitlines() if line)
        return [["" if field == _NULL else field for field in line] for line in lines]

    def run(self, script: str, **values: str) -> None:
        """Run a script whose answers nobody needs; raises Inconclusive as `rows` does."""
        self._answer(script, (), values)

    def document(self, statement: str, expected: Mapping[str, tuple[type, ...]], **values: str) -> dict[str, Any]:
        """Return the JSON object that a statement answers in a tenant's database, with the members and types wanted.

        What is in there is foreign, names too, and so is for how long one can be held up. Raises Inconclusive.
        """
        return members(self._complete_answer(statement, ("-v", "VERBOSITY=terse"), values, GUARDED), **expected)

    def stream(
        self,
        script: str,
        out: Callable[[bytes], object],
        on_line: Callable[[str], None] = lambda line: None,
        **values: str,
    ) -> None:
        """Run a script; hand its output to `out` as it comes, and each line of its error stream to `on_line`.

        What the script starts finds the name of the database in DATABASE. Raises Inconclusive when it ends badly.
        """
        lines = Lines(on_line)
        command = self._command(_PSQL, script, (), values)
        code = self.engine.run_streaming(self.container, command, {"DATABASE": self.database}, out, lines.add)
        if code:
            raise Inconclusive(f"psql in {self.container} ended with {code}: {lines.last_line[:300]}")

    def _complete_answer(
        self, script: str, options: tuple[str, ...], values: Mapping[str, str], settings: str = ""
    ) -> str:
        for _ in range(_ATTEMPTS):
            answer, end, _ = self._answer(script, options, values, settings).rpartition(END)
            if end:
                return answer.strip()
        raise Inconclusive(f"the engine of {self.container} loses what psql prints")

    def _answer(self, script: str, options: tuple[str, ...], values: Mapping[str, str], settings: str = "") -> str:
        shell = f"{_PSQL}; code=$?; echo; echo '{END}'; exit $code"
        code, output = self.engine.run(self.container, self._command(shell, script, options, values, settings))
        if code:
            kind = NotYetReady if _NOT_NOW in output else Inconclusive
            raise kind(f"psql in {self.container} ended with {code}: {last_line(output.removesuffix(END))}")
        return output

    def _command(
        self, shell: str, script: str, options: tuple[str, ...], values: Mapping[str, str], settings: str = ""
    ) -> list[str]:
        variables = [word for name, value in values.items() for word in ("-v", f"{name}={value}")]
        return ["sh", "-c", shell, script, settings, *options, "-U", self.role, "-d", self.database, *variables]
