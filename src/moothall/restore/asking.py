"""Asking a server of an instance, over its socket in its own container, as its superuser."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line
from moothall.docker_engine.pool import EnginePool
from moothall.failures import CouldNotRun
from moothall.leaving.lines import members
from moothall.model.planned import Container
from moothall.restore.subject import Subject

ARCHIVE_SECONDS = 60.0
"""How long a finished piece of the write-ahead log may take to reach the repository."""
OPTIONS = "-c search_path=pg_catalog -c client_min_messages=error -c lock_timeout=5s -c statement_timeout=300s"
"""What holds whatever a database's owner has set for it: names that only the server gives, no notices between answers,
and no waiting for whoever holds on to a table."""
_NULL = "\\N"
"""What psql is to print for NULL, as COPY does: a row of nothing else would be an empty line, and no row."""


def ask(engine: Engine, container: str, database: str, *statements: str) -> list[list[str]]:
    """Run statements in one database, each by itself, and return the rows of their answers; NULL is an empty text.

    Raises CouldNotRun with the server's own words when one of them fails.
    """
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "|", "-P", f"null={_NULL}"]
    command += ["-U", "postgres", "-d", database]
    answer = engine.answer(container, [*command, *(word for each in statements for word in ("-c", each))])
    rows = (line.split("|") for line in answer.splitlines() if line)
    return [["" if field == _NULL else field for field in row] for row in rows]


def told(engine: Engine, container: str, database: str, statement: str, **wanted: tuple[type, ...]) -> dict[str, Any]:
    """Return the JSON object that a statement answers in a tenant's database, with the members and types wanted.

    What is in there is foreign, names too, and so is for how long one can be held up. Raises CouldNotRun.
    """
    where = f"dbname='{database}' options='{OPTIONS}'"
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse", "-U", "postgres", "-d", where]
    command += ["-c", statement]
    return members(engine.printed(container, command), **wanted)


def primary(subject: Subject, crew: EnginePool) -> Container | None:
    """Return the instance's server that takes writes now, None when none answers."""
    for server in subject.servers:
        try:
            if ask(crew.of(server.name), server.name, "postgres", "SELECT pg_is_in_recovery()") == [["f"]]:
                return server
        except CouldNotRun:
            continue
    return None


def archived_up_to_now(engine: Engine, server: str) -> bool:
    """Have everything that is committed by now in the repository, and say whether it got there.

    A commit is made as well: recovery to a moment ends only at a commit after it.
    """
    commit, switch = "SELECT pg_current_xact_id()", "SELECT pg_walfile_name(pg_switch_wal())"
    _, [wanted] = ask(engine, server, "postgres", commit, switch)
    return until(
        lambda: (
            ask(
                engine,
                server,
                "postgres",
                f"SELECT substr(last_archived_wal, 9) >= substr('{wanted}', 9) FROM pg_stat_archiver",
            )
            == [["t"]]
        ),
        ARCHIVE_SECONDS,
    )


def until(true: Callable[[], bool], seconds: float, pause: float = 0.2) -> bool:
    """Ask again and again until it is true, at most for a time; return whether it became true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def run(engine: Engine, container: str, command: Sequence[str]) -> None:
    """Run a command that must succeed; raises CouldNotRun with the last line that it said."""
    code, said = engine.run(container, command)
    if code:
        raise CouldNotRun(f"{command[0]} in {container} ended with {code}: {last_line(said)}")
