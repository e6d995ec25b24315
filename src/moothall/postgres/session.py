"""SQL on a server: over its socket in its own container, by psql (PostgreSQL 15), as a role on a database."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line
from moothall.failures import Inconclusive
from moothall.postgres.lines import Lines, members

NUMBER, SECONDS, TRUTH = r"-?[0-9]{1,19}", r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?", "[tf]"
"""What a field of an answer may be: a whole number, seconds with a fraction, a boolean."""
MAINTENANCE = "postgres"
"""The database that every server has, for what is about others."""
_PSQL = (
    'export PGCLIENTENCODING=UTF8 PGOPTIONS="$1"; shift;'
    ' printf %s "$0" | psql -XAtq -v ON_ERROR_STOP=1 -v VERBOSITY=terse "$@"'
)
END = "(end of the answer)"
"""The last line of an answer that is whole: a busy engine sometimes loses what a command printed (Docker 20.10)."""
_NOT_NOW = "FATAL:  the database system is "
"""How the server begins to say that it cannot be connected to now (PostgreSQL 15, SQLSTATE 57P03)."""
_ATTEMPTS = 3
"""How often at most a script is run whose answer the engine loses."""
_NULL = "\\N"
"""What psql is to print for NULL, as COPY does: a row of nothing else would be an empty line, and no row."""
_SAME_EVERYWHERE = (
    "search_path=pg_catalog,pg_temp",
    "role=none",
    "client_min_messages=error",
    "lock_timeout=5s",
    "standard_conforming_strings=on",
    "transform_null_equals=off",
    "array_nulls=on",
    "bytea_output=hex",
    "xmloption=content",
    "TimeZone=UTC",
    "DateStyle=ISO",
    "IntervalStyle=postgres",
    "extra_float_digits=1",
    r"default_transaction_isolation=read\ committed",
    "default_transaction_read_only=off",
    "row_security=on",
)
"""What a role or a database may have been set to otherwise by its owner: names are those that only the server gives,
answers have one form, no notices stand between them, and nobody waits for whoever holds on to a table."""
_STATEMENT_SECONDS, STREAM_SECONDS = 300, 4 * 3600
"""How long a statement may take whose answer is waited for, and one whose output is taken as it comes."""
_NOT_MAPPED = "Peer authentication failed"
_NOT_CONNECTED = 2
"""How psql ends without a connection (psql, "Exit Status"); nothing of its script has run."""
_MAP_ATTEMPTS, _MAP_PAUSE_SECONDS = 20, 0.25
"""How often, and how long, the server may take to read its map of who may be whom again."""


class NotYetReady(Inconclusive):
    """The server is there and lets nobody in at the moment: it starts, replays its log, or shuts down."""


@dataclass(frozen=True)
class Session:
    """A role on a database of the server in a container; each script is a connection of its own.

    It is opened by the functions of `moothall.postgres.server` alone. Scripts are psql's, each statement of them a
    transaction; `values` are bound, and stand in a script as `:'value'` for a literal and `:"value"` for a name.
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

    def row(self, script: str, *fields: str, **values: str) -> list[str]:
        """Run a script and return the last row of its answers, whose fields match regular expressions.

        Raises Inconclusive as `rows` does, and for any other answer.
        """
        rows = self.rows(script, **values)
        row = rows[-1] if rows else []
        if len(row) != len(fields) or not all(map(re.fullmatch, fields, row)):
            raise self._unexpected(rows)
        return row

    def texts(self, script: str, **values: str) -> list[str]:
        """Run a script whose rows have one field each, and return those.

        Raises Inconclusive as `rows` does, and for any other answer.
        """
        rows = self.rows(script, **values)
        if any(len(row) != 1 for row in rows):
            raise self._unexpected(rows)
        return [text for [text] in rows]

    def run(self, script: str, **values: str) -> None:
        """Run a script whose answers nobody needs; raises Inconclusive as `rows` does."""
        self._answer(script, (), values)

    def document(self, statement: str, expected: Mapping[str, tuple[type, ...]], **values: str) -> dict[str, Any]:
        """Return the JSON object that a statement answers in a tenant's database, with the members and types wanted.

        What is in there is foreign, names too, and so is for how long one can be held up. Raises Inconclusive.
        """
        return members(self._complete_answer(statement, (), values), **expected)

    def stream(
        self,
        script: str,
        out: Callable[[bytes], object],
        on_line: Callable[[str], None] = lambda line: None,
        **values: str,
    ) -> None:
        """Run a script; hand its output to `out` as it comes, and each line of its error stream to `on_line`.

        What the script starts finds the names of the database and the role in DATABASE and ROLE. Raises Inconclusive
        when it ends badly.
        """
        self.enter()
        lines = Lines(on_line)
        command = self._command(_PSQL, script, (), values, STREAM_SECONDS)
        names = {"DATABASE": self.database, "ROLE": self.role}
        code = self.engine.run_streaming(self.container, command, names, out, lines.add)
        if code:
            raise Inconclusive(f"psql in {self.container} ended with {code}: {lines.last_line[:300]}")

    def program(self, name: str, *options: str) -> tuple[int, str]:
        """Run a program of PostgreSQL's in the session's place; return its exit code and output. Raises Inconclusive.

        It is ended when it takes longer than `STREAM_SECONDS`.
        """
        self.enter()
        surroundings = ["env", f"PGOPTIONS={settings(STREAM_SECONDS)}", "timeout", str(STREAM_SECONDS)]
        return self.engine.run(self.container, [*surroundings, name, "-U", self.role, "-d", self.database, *options])

    def enter(self) -> None:
        """Connect, and have the server know the role first where it does not yet. Raises Inconclusive."""
        self.run("SELECT 1")

    def _complete_answer(self, script: str, options: tuple[str, ...], values: Mapping[str, str]) -> str:
        for _ in range(_ATTEMPTS):
            answer, end, _ = self._answer(script, options, values).rpartition(END)
            if end:
                return answer.strip()
        raise Inconclusive(f"the engine of {self.container} loses what psql prints")

    def _unexpected(self, rows: list[list[str]]) -> Inconclusive:
        return Inconclusive(f"psql in {self.container} did not answer as expected: {rows!s:.200}")

    def _answer(self, script: str, options: tuple[str, ...], values: Mapping[str, str]) -> str:
        shell = f"{_PSQL}; code=$?; echo; echo '{END}'; exit $code"
        command = self._command(shell, script, options, values, _STATEMENT_SECONDS)
        code, output = self.engine.run(self.container, command)
        for _ in range(_MAP_ATTEMPTS):
            if code != _NOT_CONNECTED or _NOT_MAPPED not in output:
                break
            self._write_map()
            code, output = self.engine.run(self.container, command)
        if code:
            kind = NotYetReady if _NOT_NOW in output else Inconclusive
            raise kind(f"psql in {self.container} ended with {code}: {last_line(output.removesuffix(END))}")
        return output

    def _write_map(self) -> None:
        """Have the server let its own user in as every role that there is by now (images/postgres/bin/write-access)."""
        code, output = self.engine.run(self.container, ["write-access"])
        if code:
            older = f"The server in {self.container} does not let anybody in as {self.role}: moothall up renews it"
            raise Inconclusive(f"{older} ({last_line(output)})")
        time.sleep(_MAP_PAUSE_SECONDS)

    def _command(
        self, shell: str, script: str, options: tuple[str, ...], values: Mapping[str, str], seconds: int
    ) -> list[str]:
        variables = [word for name, value in values.items() for word in ("-v", f"{name}={value}")]
        return [
            "sh",
            "-c",
            shell,
            script,
            settings(seconds),
            *options,
            "-U",
            self.role,
            "-d",
            self.database,
            *variables,
        ]


def settings(seconds: int) -> str:
    """Return the settings of every session for libpq; a statement is ended after some seconds."""
    return " ".join(f"-c {setting}" for setting in (*_SAME_EVERYWHERE, f"statement_timeout={seconds}s"))
