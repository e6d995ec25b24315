"""Each instance has a full backup at its backup target, and pgBackRest's own check passes.

`check` (pgBackRest 2.x, Command Reference) makes the primary archive a segment and waits for it to arrive.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from moothall.model.planned import BackupPlan, Plan
from moothall.verify.engine import as_json, last_line
from moothall.verify.scene import Scene
from moothall.verify.task import Task, Verdict, failed, passed

CONFIG = "/cfg/pgbackrest.conf"
ARCHIVE_SECONDS = 30


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


def _look(backup: BackupPlan, scene: Scene) -> Verdict:
    """Ask the repository what it holds, then have it check itself."""
    command = ["pgbackrest", f"--config={CONFIG}", f"--stanza={backup.stanza}"]
    listing = scene.engine.answer(backup.repository, [*command, "info", "--output=json"])
    found = newest_full(as_json(listing, "pgbackrest info"), backup.stanza)
    if found is None:
        return failed("there is no full backup")
    wait = f"--archive-timeout={ARCHIVE_SECONDS}"
    code, output = scene.engine.run(backup.repository, [*command, wait, "--log-level-console=error", "check"])
    if code != 0:
        return failed(f"pgbackrest check ended with {code}: {last_line(output)}")
    return passed(f"{described(found, time.time())}; check passes")


def newest_full(stanzas: list[dict[str, Any]], stanza: str) -> dict[str, Any] | None:
    """Return the newest full backup without an error in what `pgbackrest info` lists, or None."""
    backups = [backup for entry in stanzas if entry["name"] == stanza for backup in entry["backup"]]
    full = [backup for backup in backups if backup["type"] == "full" and not backup.get("error")]
    return max(full, key=lambda backup: int(backup["timestamp"]["stop"]), default=None)


def described(backup: dict[str, Any], now: float) -> str:
    """Return age and size of a backup; `now` in seconds since 1970."""
    minutes = max(0, int(now - int(backup["timestamp"]["stop"])) // 60)
    age = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"
    size, stored = backup["info"]["size"] / 1e6, backup["info"]["repository"]["size"] / 1e6
    return f"full backup {backup['label']}, {age} old, {size:.1f} MB kept in {stored:.1f} MB"
