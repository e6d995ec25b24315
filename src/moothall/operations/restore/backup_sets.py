"""Which backup a restore begins with, and which databases are in it; asked of the repository through a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.failures import USAGE, OperationError
from moothall.operations.restore.subject import Subject
from moothall.operations.restore.timelines import line

_PGBACKREST = ("pgbackrest", "--config=/cfg/pgbackrest.conf")
_SYSTEM = ("postgres", "template0", "template1")


@dataclass(frozen=True)
class RecoveryTarget:
    """To which moment: `at`, or all that the repository has (None) along the timeline in use then: `along`, or now."""

    at: datetime | None
    along: datetime | None = None

    @property
    def bound(self) -> datetime | None:
        """The moment after which no backup is of use, and by which the timeline is chosen; None for now."""
        return self.at or self.along

    @property
    def asked(self) -> str:
        """The moment as text, in UTC; by it a copy is found again."""
        return self.at.isoformat() if self.at else "latest"


@dataclass(frozen=True)
class Backup:
    """One backup: its label in the repository, the databases in it, and the timeline to go on along."""

    label: str
    databases: tuple[str, ...]
    timeline: int

    def order(self, stanza: str, moment: RecoveryTarget, only: str | None = None) -> list[str]:
        """Return the options for a restore to the moment, of one database alone if it is given.

        pgBackRest 2.45, Command Reference: restore. A database that is younger than the backup comes from the log; one
        that was carried to the server before it, and given the tenant's name after it, is in it under another.
        """
        to = ["--type=time", f"--target={moment.at.isoformat(sep=' ')}"] if moment.at else ["--type=default"]
        to += [f"--target-timeline={self.timeline}", *(["--target-action=promote"] if moment.at else [])]
        return [f"--stanza={stanza}", f"--set={self.label}", *to, *self._alone(only)]

    def _alone(self, only: str | None) -> Iterator[str]:
        if not only:
            return
        own = [name for name in self.databases if name == only or name.startswith(f"{only}.")]
        others = [name for name in self.databases if name not in _SYSTEM]
        yield from [f"--db-include={name}" for name in own] or [f"--db-exclude={name}" for name in others]


def choose(engine: Engine, copy: str, subject: Subject, moment: RecoveryTarget) -> Backup:
    """Return the newest backup that had ended by the moment and leads to it.

    Raises OperationError when there is none, and Inconclusive.
    """
    command = [*_PGBACKREST, f"--stanza={subject.backup.stanza}"]
    sound = [backup for backup in _listed(engine, copy, command) if not backup.get("error")]
    until = moment.bound.timestamp() if moment.bound else float("inf")
    used = line(engine, copy, command, subject.backup.stanza, moment.bound)
    usable = [backup for backup in sound if backup["timestamp"]["stop"] < until and used.holds(backup)]
    if usable:
        newest = max(usable, key=_ended)
        [whole] = _listed(engine, copy, command, f"--set={newest['label']}")
        databases = tuple(database["name"] for database in whole.get("database-ref") or ())
        return Backup(newest["label"], databases, used.number)
    since = f"since {_day(min(map(_ended, sound)))}" if sound else "and there is none at all"
    latest = f"moothall restore {subject.words}  # to the newest that there is"
    raise OperationError(
        f"the repository of {subject.instance} has no backup from before {moment.asked}, {since}",
        state="Nothing that runs was touched.",
        hint=latest if sound and moment.at else _one_more(engine, subject),
        exit_code=USAGE,
    )


def _one_more(engine: Engine, subject: Subject) -> str:
    """Return the command that makes a backup, where none leads to what runs now."""
    docker = f"docker --host {engine.host} exec {subject.backup.repository}"
    return f"{docker} pgbackrest --config=/cfg/pgbackrest.conf --stanza={subject.backup.stanza} backup"


def _listed(engine: Engine, copy: str, command: Sequence[str], *options: str) -> list[dict[str, Any]]:
    found = engine.said(copy, [*command, "--output=json", *options, "info"], "pgbackrest info")
    return [backup for each in found for backup in each["backup"]]


def _ended(backup: Mapping[str, Any]) -> int:
    return int(backup["timestamp"]["stop"])


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
