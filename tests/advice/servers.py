"""The machine with what a restore needs: an instance's two servers, its backups, and copies made of them.

The answers are those that PostgreSQL and pgBackRest give to the questions of `moothall.restore`; what they do with data
is proved on the real ones (tests/live/test_restore.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.advice.machines import Machine, Seen, Stray
from tests.postgres_fake import script_of, values_of, whole

from moothall.docker_engine.port import EngineMethods
from moothall.failures import Inconclusive
from moothall.operations.restore.copy import LABEL, TARGET_LABEL
from moothall.pulumi_engine.protocol.resource_types import CONTAINER

PRIMARY = "dales.ledger.hill.postgres"
MARK = "moothall "
Row = str


class Servers:
    """What the servers and the repository hold.

    `fails` are commands that fail the next time; `mark` is whose the council's name was, `kept` are former states.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.since: datetime | None = datetime.now(UTC) - timedelta(days=30)
        self.fails: list[str] = []
        self.mark = ""
        self.kept: list[str] = []

    def command(self, name: str, words: Sequence[str]) -> tuple[int, str]:
        """Run a command in a container; return its exit code and what it prints."""
        if name not in running(self.machine):
            raise Inconclusive(f"No command can be run in the container {name}: it does not run.")
        program = "psql" if script_of(words) else words[0]
        if program in self.fails:
            self.fails.remove(program)
            return 1, f"{program} failed"
        if program == "psql":
            return 0, self._answers(name, words)
        if words[0] == "pgbackrest":
            return 0, json.dumps({} if "repo-ls" in words else self._backups())
        return 0, "\n".join(f"/data/{each}" for each in self.kept) if words[0] == "find" else ""

    def _backups(self) -> list[dict[str, Any]]:
        """Return what `pgbackrest info` does."""
        if self.since is None:
            return [{"backup": []}]
        there = {"timestamp": {"stop": int(self.since.timestamp())}, "archive": {"stop": "000000010000000000000002"}}
        return [{"backup": [{"label": "F", "error": False, "database-ref": [{"name": "ledger_alston"}], **there}]}]

    def _answers(self, name: str, words: Sequence[str]) -> str:
        """Return what psql prints for each statement; what asks for nothing is obeyed in silence."""
        if 'RENAME TO :"kept"' in script_of(words):
            self.kept.append(values_of(words)["kept"])
        return "\n".join(filter(None, (self._answer(name, each) for each in script_of(words).split(";\n"))))

    def _answer(self, name: str, statement: str) -> Row:
        answers = {
            "pg_is_in_recovery": "t" if name.endswith("vale.postgres") else "f",
            "pg_current_xact_id": "7",
            "pg_walfile_name": "000000010000000000000003",
            "last_archived_wal": "t",
            "pg_last_xact_replay_timestamp": str(datetime.now(UTC).timestamp()),
            "shobj_description": self.mark,
            "SELECT 1 FROM pg_database": "1",
            "json_build_object('size'": '{"size": 1, "tables": []}',
            "datname ~ ": "\n".join(self.kept),
        }
        return next((answer for known, answer in answers.items() if known in statement), "")


def running(machine: Machine) -> set[str]:
    """Return the names of the containers that run, copies among them."""
    planned = {live.name for live in machine.engine.objects.values() if live.kind == CONTAINER and live.running}
    return planned | {stray.name for stray in machine.strays.values() if LABEL in dict([stray.label])}


class Served(Seen, EngineMethods):
    """The machine with its servers, as `moothall.docker_engine.engine.Engine` shows an engine."""

    servers: Servers

    def container(self, name: str) -> Mapping[str, Any] | None:  # type: ignore[override]
        """Return as much of a container as is looked at."""
        self._answers()
        if name not in running(self.machine):
            return None
        state = {"Running": True, "Restarting": False, "Paused": False}
        return {"State": state, "Config": {"Labels": {TARGET_LABEL: self.machine.moments.get(name, "")}}}

    def run(self, name: str, words: Sequence[str]) -> tuple[int, str]:
        """Run a command in a container."""
        self._answers()
        code, output = self.servers.command(name, words)
        return code, whole(words, output)

    def images(self, name: str) -> list[str]:
        """Return the images of a name."""
        return [tag for tag in self.machine.images if tag == name]

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Make a volume."""
        self.machine.volumes[name] = f"{LABEL}={labels[LABEL]}"

    def create_container(self, request: Mapping[str, Any], name: str) -> str:
        """Make a container; how it is bounded is another's test."""
        labels = request["Labels"]
        self.machine.strays[name] = Stray(name, (LABEL, labels[LABEL]), name)
        self.machine.moments[name] = labels[TARGET_LABEL]
        return name

    def write_files(self, name: str, folder: str, archive: object) -> None:
        """Take files."""

    def read_files(self, name: str, path: str) -> tuple[Iterable[bytes], dict[str, int]]:
        """Return a file."""
        return [b""], {"mode": 0o600}

    def logs(self, name: str, lines: int) -> str:
        """Return what a container that is not there has said."""
        return f"no such container: {name}"

    def start(self, name: str) -> None:
        """Start a container: all that there is runs."""

    def stop(self, name: str, grace_seconds: int) -> None:
        """Stop a container, for a moment."""
        if "stop" in self.servers.fails:
            self.servers.fails.remove("stop")
            raise OSError("the engine is busy")

    def restart(self, name: str, grace_seconds: int) -> None:
        """Start a container anew."""
