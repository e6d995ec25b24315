"""Which timeline of an instance was in use when: a failover, a restore and its undoing each begin a new one.

A timeline that was left stays in the repository, and so do backups that were made on it. The times at which timelines
began are those of their history files there; where each left the one before stands in the files (PostgreSQL 15
Documentation, 26.3.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from math import inf
from typing import Any, NamedTuple, NoReturn

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import last_line
from moothall.failures import Inconclusive
from moothall.postgres.lsn import parse_lsn

_FIRST = 1
_HISTORY = re.compile(r"(?:.*/)?[0-9A-F]{8}\.history")
LSN = re.compile("[0-9A-F]{1,8}/[0-9A-F]{1,8}")
_ROW = re.compile(r"([0-9]{1,10})\t([0-9A-F]{1,8}/[0-9A-F]{1,8})(?:\t|$)")


class Timeline(NamedTuple):
    """The timeline that was in use at a moment, and where each of those before it was left for the next (bytes)."""

    number: int
    switch_points: Mapping[int, int]

    def holds(self, backup: Mapping[str, Any]) -> bool:
        """Return whether this timeline continues a backup, as pgBackRest describes it."""
        backup_timeline = int(backup["archive"]["stop"][:8], 16)
        if backup_timeline == self.number:
            return True
        return (
            backup_timeline in self.switch_points
            and parse_lsn(backup["lsn"]["stop"]) <= self.switch_points[backup_timeline]
        )


def timeline_in_use(
    engine: Engine, copy: str, command: list[str], stanza: str, repositories: Iterable[int], moment: datetime | None
) -> Timeline:
    """Return the timeline in use at a moment, None for now, by the repositories that a copy reads with `command`.

    Where a repository has taken the place of another, a history file was copied: it began when it came to the first
    that has it. Raises Inconclusive.
    """
    options = ["--recurse", r"--filter=\.history$", "--output=json", "repo-ls", f"archive/{stanza}"]
    start_times, places = dict[str, int](), dict[str, tuple[int, str]]()
    for repository in sorted(repositories):
        words = [*command, f"--repo={repository}", *options]
        entries = engine.command_json(copy, words, "pgbackrest repo-ls", {str: {"time?": int}})
        for path, entry in entries.items():
            name = path.rpartition("/")[2]
            if _HISTORY.fullmatch(path) and entry.get("time", inf) < start_times.get(name, inf):
                start_times[name], places[name] = entry["time"], (repository, path)
    history_file = history_file_in_use(start_times, moment)
    if history_file is None:
        return Timeline(_FIRST, {})
    repository, path = places[history_file]
    history = engine.answer(copy, [*command, f"--repo={repository}", "repo-get", f"archive/{stanza}/{path}"])
    return Timeline(_number(history_file), switch_points(history))


def history_file_in_use(start_times: Mapping[str, int], moment: datetime | None) -> str | None:
    """Return the history file of the timeline in use at a moment, None while it was the first.

    `start_times` says when each file came to the repository, in seconds since 1970. Whatever begins a timeline counts
    on from the highest, so the one in use is the highest that had begun.
    """
    latest_start = moment.timestamp() if moment else float("inf")
    return max(
        (file for file, start_time in start_times.items() if start_time <= latest_start), key=_number, default=None
    )


def switch_points(history: str) -> dict[int, int]:
    """Return where each timeline in a history file was left for the next, in bytes of log. Raises Inconclusive."""
    rows = [_ROW.match(row) or _unexpected(row) for row in history.splitlines() if row.strip()]
    return {int(row[1]): parse_lsn(row[2]) for row in rows}


def _unexpected(row: str) -> NoReturn:
    raise Inconclusive(f"the history of the timelines has no such line: {last_line(row)}")


def _number(file: str) -> int:
    return int(file.rpartition("/")[2].partition(".")[0], 16)
