"""Which backup a restore begins with, and which databases are in it; asked of the repository through a copy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import NoneType
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.failures import USAGE, OperationError
from moothall.operations.restore.subject import Subject
from moothall.operations.restore.timelines import LSN, timeline_in_use

_PGBACKREST = ("pgbackrest", "--config=/cfg/pgbackrest.conf")
_LABEL = re.compile(r"[0-9A-Z_-]+")
_FILE_OF_LOG = re.compile(r"[0-9A-F]{24}")
_DATABASE = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
"""Labels and names become lines of an order to pgBackRest, one option each."""
_BACKUP = {
    "label": _LABEL,
    "error?": (bool, NoneType),
    "timestamp": {"stop": int},
    "archive": {"stop": _FILE_OF_LOG},
    "lsn?": {"stop": LSN},
    "database-ref?": ([{"name": _DATABASE}], NoneType),
    "database": {"repo-key": int},
}
_STANZAS = [{"backup": [_BACKUP], "repo": [{"key": int}]}]
"""What is used of what pgBackRest 2.45 says of its backups."""
_SYSTEM = ("postgres", "template0", "template1")


@dataclass(frozen=True)
class RecoveryTarget:
    """The point to recover to: `time`, or the end of the log if it is None.

    The end is that of the timeline in use at `timeline_time`, None for the present one.
    """

    time: datetime | None
    timeline_time: datetime | None = None

    @property
    def latest_time(self) -> datetime | None:
        """The moment after which no backup is of use, and by which the timeline is chosen; None for now."""
        return self.time or self.timeline_time

    @property
    def label(self) -> str:
        """The time in ISO 8601, or `latest`; a copy carries it as a label and is found again by it."""
        return self.time.isoformat() if self.time else "latest"


@dataclass(frozen=True)
class Backup:
    """One backup: its repository's number, its label there, the databases in it, and the timeline to go on along."""

    repository: int
    label: str
    databases: tuple[str, ...]
    timeline: int

    def order(self, stanza: str, target: RecoveryTarget, database: str | None = None) -> list[str]:
        """Return pgBackRest's options for a restore to the target, of `database` alone if it is given.

        pgBackRest 2.45, Command Reference: restore. A database that is younger than the backup comes from the log; one
        that was carried to the server before it, and given the tenant's name after it, is in it under another.
        """
        target_options = (
            ["--type=time", f"--target={target.time.isoformat(sep=' ')}"] if target.time else ["--type=default"]
        )
        target_options += [f"--target-timeline={self.timeline}", *(["--target-action=promote"] if target.time else [])]
        backup_options = [f"--repo={self.repository}", f"--set={self.label}"]
        return [f"--stanza={stanza}", *backup_options, *target_options, *self._database_options(database)]

    def _database_options(self, database: str | None) -> Iterator[str]:
        if not database:
            return
        own_databases = [name for name in self.databases if name == database or name.startswith(f"{database}.")]
        other_databases = [name for name in self.databases if name not in _SYSTEM]
        yield from [f"--db-include={name}" for name in own_databases] or [
            f"--db-exclude={name}" for name in other_databases
        ]


def choose(engine: Engine, copy: str, subject: Subject, target: RecoveryTarget) -> Backup:
    """Return the newest backup that had ended by the moment and leads to it.

    Raises OperationError when there is none, and Inconclusive.
    """
    command = [*_PGBACKREST, f"--stanza={subject.backup.stanza}"]
    stanzas = _describe(engine, copy, command)
    sound_backups = [backup for backup in _backups(stanzas) if not backup.get("error")]
    latest_stop = target.latest_time.timestamp() if target.latest_time else float("inf")
    repositories = {repository["key"] for stanza in stanzas for repository in stanza["repo"]}
    timeline = timeline_in_use(engine, copy, command, subject.backup.stanza, repositories, target.latest_time)
    usable_backups = [
        backup for backup in sound_backups if backup["timestamp"]["stop"] < latest_stop and timeline.holds(backup)
    ]
    if usable_backups:
        newest_backup = max(usable_backups, key=_stop_time)
        repository, label = newest_backup["database"]["repo-key"], newest_backup["label"]
        details = _backups(_describe(engine, copy, command, f"--repo={repository}", f"--set={label}"))
        databases = tuple(database["name"] for backup in details for database in backup.get("database-ref") or ())
        return Backup(repository, label, databases, timeline.number)
    oldest = f"since {_utc_text(min(map(_stop_time, sound_backups)))}" if sound_backups else "and there is none at all"
    latest_command = f"moothall restore {subject.words}  # to the newest that there is"
    raise OperationError(
        f"the repository of {subject.instance} has no backup from before {target.label}, {oldest}",
        state="Nothing that runs was touched.",
        hint=latest_command if sound_backups and target.time else _backup_command(engine, subject),
        exit_code=USAGE,
    )


def _backup_command(engine: Engine, subject: Subject) -> str:
    """Return the command that makes a backup, where none leads to what runs now."""
    docker = f"docker --host {engine.host} exec {subject.backup.repository}"
    return f"{docker} pgbackrest --config=/cfg/pgbackrest.conf --stanza={subject.backup.stanza} backup"


def _describe(engine: Engine, copy: str, command: Sequence[str], *options: str) -> list[dict[str, Any]]:
    words = [*command, "--output=json", *options, "info"]
    stanzas: list[dict[str, Any]] = engine.command_json(copy, words, "pgbackrest info", _STANZAS)
    return stanzas


def _backups(stanzas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [backup for stanza in stanzas for backup in stanza["backup"]]


def _stop_time(backup: Mapping[str, Any]) -> int:
    stop_time: int = backup["timestamp"]["stop"]
    return stop_time


def _utc_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
