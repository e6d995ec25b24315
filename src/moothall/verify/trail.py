"""What the store of logs keeps, read by a one-off container that can only read, and held against what is remembered.

The chain says of itself that nothing in it was changed. That nothing was cut off its end, and that not all of it was
made anew, only who remembers it elsewhere can say: so every look notes the last entry of each day, beside the state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from moothall import atomic_file, json_text, private
from moothall.docker_engine.errors import last_line
from moothall.docker_engine.one_off import FOLDER, OneOff, run_one_off
from moothall.docker_engine.pool import EnginePool
from moothall.docker_engine.port import as_json
from moothall.docker_engine.shape import require_shape
from moothall.docker_engine.stale import owner_labels
from moothall.failures import Inconclusive
from moothall.model.planned import Plan, TrailPlan
from moothall.payloads import text_of

SECONDS = 600
"""How long a look may take: all that is kept is read."""
MOST = 10_000
"""Entries that one look brings at most, the newest."""
_KEPT = "/logs"
_DAY = {"n": int, "hash": str, "first": int}
_DAYS = {str: _DAY}
_REPLY = {
    "days": _DAYS,
    "broken": str,
    "entries": [{"n": int, "at": str, "sender": str, "line": str}],
    "count": int,
    "marks": {str: str},
}
_MEMORY_MB = 256


@dataclass(frozen=True)
class Question:
    """Which entries are asked for: of senders, of databases at a server (by the server's name as a sender), and with
    words in what was said; from `since` to `until` (ISO 8601, to the second), in the files from the day `first_day`.
    Of the entries with the numbers `marks` the hash is asked for.
    """

    senders: Sequence[str] = ()
    databases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    words: Sequence[str] = ()
    since: str = ""
    until: str = "9"
    first_day: str = ""
    marks: Sequence[int] = ()
    most: int = MOST


@dataclass(frozen=True)
class Entry:
    """One line that was gathered: its number, when it came (ISO 8601), whose it is and what was said."""

    number: int
    at: str
    sender: str
    line: str


@dataclass(frozen=True)
class Reply:
    """What the store keeps: by day the number and hash of the last entry and the number of the first.

    `broken` is where the chain is broken, "" if nowhere; `entries` the newest of those that were asked for, of `count`
    in all, and `marks` the hashes that were asked for.
    """

    days: Mapping[str, Mapping[str, Any]]
    broken: str
    entries: tuple[Entry, ...]
    count: int
    marks: Mapping[str, str]


def read(plan: Plan, trail: TrailPlan, engine_pool: EnginePool, question: Question) -> Reply:
    """Return what the store keeps. Raises `Inconclusive` when it cannot be read."""
    [store] = [c for stack in plan.stacks for c in stack.containers if c.name == trail.store]
    spec = OneOff(
        store.image,
        store.user,
        owner_labels(plan.partnership),
        _MEMORY_MB,
        entrypoint=["/usr/bin/python3", "-I", f"{FOLDER}/reader.py", f"{FOLDER}/order.json"],
        volumes=[FOLDER],
        binds=[f"{trail.volume}:{_KEPT}:ro"],
    )
    files = {"reader.py": text_of("trail_reader"), "order.json": json.dumps({**asdict(question), "folder": _KEPT})}
    result = run_one_off(engine_pool.of(trail.store), spec, files, SECONDS)
    if result.code != 0:
        raise Inconclusive(f"what the store of logs keeps cannot be read: {last_line(result.err)}")
    reply = as_json(result.out, "the reader of the logs", _REPLY)
    entries = tuple(Entry(e["n"], e["at"], e["sender"], e["line"]) for e in reply["entries"])
    return Reply(reply["days"], reply["broken"], entries, reply["count"], reply["marks"])


@dataclass(frozen=True)
class Memory:
    """What was last seen of a chain, in a file."""

    path: Path

    def days(self) -> Mapping[str, Mapping[str, Any]]:
        """Return by day what was seen; nothing if nobody has looked yet. Raises `Inconclusive` for an unfit file."""
        try:
            days = require_shape(json_text.parse(self.path.read_text(encoding="utf-8")), _DAYS, str(self.path))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise Inconclusive(f"what is remembered of the logs cannot be read: {error}") from error
        remembered: Mapping[str, Mapping[str, Any]] = days
        return remembered

    def forget(self) -> None:
        """Remember nothing: the store was removed with all that it kept. Raises OSError."""
        self.path.unlink(missing_ok=True)

    def keep(self, reply: Reply) -> None:
        """Remember what was seen. Raises OSError."""
        private.folder(self.path.parent)
        atomic_file.replace(self.path, f"{json.dumps(reply.days, indent=1)}\n".encode(), durable=True)


def memory(state: Path, plan: Plan) -> Memory | None:
    """Return where it is remembered, below the state, what was seen in a store; None where there is none."""
    return Memory(state / "trail" / f"{plan.trail.store}.json") if plan.trail else None


def problems(remembered: Mapping[str, Mapping[str, Any]], reply: Reply, keep_days: int, today: date) -> list[str]:
    """Return in words what is wrong with a chain, beside what is remembered of it; the reply is about these marks.

    `keep_days` is for how long its lines are kept.
    """
    found = [reply.broken] if reply.broken else []
    oldest = (today - timedelta(days=keep_days - 1)).isoformat()  # the store may be a day ahead
    for day, seen in sorted(remembered.items()):
        if day not in reply.days:
            found += [f"{day} is gone before its time"] if day >= oldest else []
        elif reply.marks.get(str(seen["n"])) != seen["hash"]:
            found.append(f"{day} is not what was seen there: its entry {seen['n']} is gone or another")
    return found
