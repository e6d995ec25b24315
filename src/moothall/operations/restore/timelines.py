"""Which timeline of an instance was in use when: a failover, a restore and its undoing each begin a new one.

A timeline that was left stays in the repository, and so do backups that were made on it. The times at which timelines
began are those of their history files there; where each left the one before stands in the files (PostgreSQL 15
Documentation, 26.3.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from moothall.docker_engine.engine import Engine
from moothall.postgres.lsn import parse_lsn

_FIRST = 1


class Line(NamedTuple):
    """The timeline that was in use at a moment, and where each of those before it was left for the next (bytes)."""

    number: int
    left: Mapping[int, int]

    def holds(self, backup: Mapping[str, Any]) -> bool:
        """Say whether this timeline goes on from a backup, as pgBackRest describes it."""
        made_on = int(backup["archive"]["stop"][:8], 16)
        if made_on == self.number:
            return True
        return made_on in self.left and parse_lsn(backup["lsn"]["stop"]) <= self.left[made_on]


def line(engine: Engine, copy: str, command: list[str], stanza: str, at: datetime | None) -> Line:
    """Return the timeline in use at a moment, None for now, by the repository that a copy reads with `command`.

    Raises Inconclusive.
    """
    options = ["--recurse", r"--filter=\.history$", "--output=json", "repo-ls", f"archive/{stanza}"]
    begun = engine.said(copy, [*command, *options], "pgbackrest repo-ls")
    file = in_use({name: each["time"] for name, each in begun.items() if name.endswith(".history")}, at)
    if file is None:
        return Line(_FIRST, {})
    text = engine.answer(copy, [*command, "repo-get", f"archive/{stanza}/{file}"])
    return Line(_number(file), left(text))


def in_use(begun: Mapping[str, int], at: datetime | None) -> str | None:
    """Return the history file of the timeline in use at a moment, None while it was the first.

    `begun` says when each file came to the repository, in seconds since 1970. Whatever begins a timeline counts on from
    the highest, so the one in use is the highest that had begun.
    """
    until = at.timestamp() if at else float("inf")
    return max((file for file, time in begun.items() if time <= until), key=_number, default=None)


def left(history: str) -> dict[int, int]:
    """Return where each timeline in a history file was left for the next, in bytes of log."""
    lines = [line.split("\t") for line in history.splitlines() if line.strip()]
    return {int(number): parse_lsn(at) for number, at, *_ in lines}


def _number(file: str) -> int:
    return int(file.rpartition("/")[2].partition(".")[0], 16)
