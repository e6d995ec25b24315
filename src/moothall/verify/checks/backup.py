"""Each instance has backups at its backup target, none is overdue, the archive keeps up, and pgBackRest's check passes.

`check` (pgBackRest 2.x, Command Reference) makes the primary archive a segment and waits for it to arrive.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from types import NoneType
from typing import Any

from moothall.docker_engine.errors import last_line
from moothall.failures import Inconclusive
from moothall.model.planned import BackupPlan, Plan
from moothall.postgres.archive import archive_backlog
from moothall.postgres.server import DatabaseServer
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, failed_verdict, passed_verdict

CONFIG = "/cfg/pgbackrest.conf"
ARCHIVE_SECONDS = 30
_BACKUP = {
    "label": str,
    "type": str,
    "error?": (bool, NoneType),
    "timestamp": {"stop": int},
    "info": {"size": int, "repository": {"size": int}},
}
_STANZAS = [{"name": str, "backup": [_BACKUP]}]
LAG_SECONDS = 300
"""How long a piece of the write-ahead log may wait; one is finished at least every minute while anything is written."""


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each backup target."""
    for backup in plan.backups:
        yield Task(
            id=f"backup.{backup.instance}",
            subject=f"{backup.instance} is backed up at {backup.site}",
            look=partial(_look, backup),
            instance=backup.instance,
            sites=(backup.site,),
        )


def _look(backup: BackupPlan, context: VerifyContext) -> Verdict:
    """Ask the repository what it holds and the primary what waits for it, then have the repository check itself."""
    command = ["pgbackrest", f"--config={CONFIG}", f"--stanza={backup.stanza}"]
    engine = context.engine_pool.of(backup.repository)
    stanzas = engine.command_json(backup.repository, [*command, "info", "--output=json"], "pgbackrest info", _STANZAS)
    full_backup = newest_full(stanzas, backup.stanza)
    if full_backup is None:
        return failed_verdict("there is no full backup")
    now = time.time()
    problems = overdue_backups(backup, stanzas, full_backup, now) + _archive_lag(backup, context)
    if problems:
        return failed_verdict("; ".join(problems))
    timeout = f"--archive-timeout={ARCHIVE_SECONDS}"
    code, output = engine.run(backup.repository, [*command, timeout, "--log-level-console=error", "check"])
    if code != 0:
        return failed_verdict(f"pgbackrest check ended with {code}: {last_line(output)}")
    newest_age = age(now - _end_time(_sound_backups(stanzas, backup.stanza)[-1]))
    return passed_verdict(f"{describe_backup(full_backup, now)}; newest backup {newest_age} old; check passes")


def overdue_backups(backup: BackupPlan, stanzas: list[dict[str, Any]], full: dict[str, Any], now: float) -> list[str]:
    """Return in words which backups are later than due by a quarter of their interval and ten minutes.

    `full` is the newest full one. So late the repository's own health check reports it as well
    (images/postgres/lib/backups.sh).
    """
    newest = _sound_backups(stanzas, backup.stanza)[-1]
    schedules = (("backup", newest, backup.every_seconds), ("full backup", full, backup.full_every_seconds))
    return [
        f"the newest {what} is {age(now - _end_time(candidate))} old, and one is due every {age(every)}"
        for what, candidate, every in schedules
        if now - _end_time(candidate) > every * 5 / 4 + 600
    ]


def _archive_lag(backup: BackupPlan, context: VerifyContext) -> list[str]:
    """Return in words how far the server that writes is behind with its archive; nothing when none answers."""
    for server in context.plan.servers(backup.instance):
        try:
            database_server = DatabaseServer(context.engine_pool.of(server.name), server.name)
            backlog = archive_backlog(database_server.administration())
        except Inconclusive:
            continue
        if backlog:
            return lag(*backlog)
    return []


def lag(pieces: int, seconds: float) -> list[str]:
    """Return what is wrong with this many pieces of write-ahead log of which the oldest waits for `seconds`."""
    message = f"{pieces} pieces of the write-ahead log wait to be archived, the oldest for {age(seconds)}"
    return [message] if pieces and seconds > LAG_SECONDS else []


def _sound_backups(stanzas: list[dict[str, Any]], stanza: str, *types: str) -> list[dict[str, Any]]:
    """Return the stanza's backups without an error, of some types or of all, the newest last."""
    backups = [backup for entry in stanzas if entry["name"] == stanza for backup in entry["backup"]]
    return sorted((b for b in backups if not b.get("error") and (not types or b["type"] in types)), key=_end_time)


def _end_time(backup: dict[str, Any]) -> int:
    stop_time: int = backup["timestamp"]["stop"]
    return stop_time


def newest_full(stanzas: list[dict[str, Any]], stanza: str) -> dict[str, Any] | None:
    """Return the newest full backup without an error in what `pgbackrest info` lists, or None."""
    return next(reversed(_sound_backups(stanzas, stanza, "full")), None)


def describe_backup(backup: dict[str, Any], now: float) -> str:
    """Return age and size of a backup; `now` in seconds since 1970."""
    size, stored = backup["info"]["size"] / 1e6, backup["info"]["repository"]["size"] / 1e6
    old = age(now - _end_time(backup))
    return f"full backup {backup['label']}, {old} old, {size:.1f} MB kept in {stored:.1f} MB"


def age(seconds: float) -> str:
    """Return a number of seconds in minutes, hours or days, whichever is easily read."""
    minutes = max(0, int(seconds) // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
