"""An operator at one state directory and one engine in memory; what stands there at a moment, and how it is to look."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.fakes.dales import DAY, GONE
from tests.fakes.watched import Held, WatchedMachine
from tests.operations.stacks.partnership import OTHER_PORT, PORT

from moothall.deploy.deployment import PROJECT
from moothall.operations.context import Context
from moothall.operations.secrets import state_passphrase
from moothall.operations.stacks.apply import ApplyOptions, apply
from moothall.operations.stacks.destroy import DestroyOptions, destroy
from moothall.operations.stacks.preview import preview
from moothall.ports import Progress, Silent
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.protocol.values import plain
from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.vault import Vault

Answer = tuple[dict[str, str], int]
"""The status of each stack, and the exit code."""
_CHANGED = re.compile(r"(created|updated|deleted|released) ?")


@dataclass(frozen=True)
class Still:
    """All that is there at a moment, and would be if everybody who works were killed then."""

    held: Held
    files: Mapping[Path, bytes]


class Scene:
    """A state directory and a machine. `roots` are folders with definitions, by the port that is published.

    `seen` is the folder in which the operator remembers how new the keyring was.
    """

    def __init__(self, roots: Mapping[int, Path], state: Path, machine: WatchedMachine, dead: int, seen: Path) -> None:
        self.roots = roots
        self.state = state
        self.machine = machine
        self.dead = dead
        self.seen = seen
        self.progress: Progress = Silent()
        self.view: Any = None
        self.backend = Backend(state, state_passphrase)

    def stand_up(self) -> Answer:
        """Have everything stand, both councils."""
        return self.up(PORT, DAY)

    def change(self) -> Answer:
        """Have alston stand alone, with another port than before: carlin has left."""
        return self.up(OTHER_PORT, GONE)

    def up(self, port: int, day: date) -> Answer:
        """Apply, as `up --yes` does."""
        self.view, code = apply(self.context(port, day), ApplyOptions())
        return self._statuses(), code

    def preview(self, port: int = OTHER_PORT, day: date = GONE) -> Answer:
        """Look ahead, as `preview --detailed-exitcode` does."""
        self.view, code = preview(self.context(port, day), events=None, detailed=True)
        return self._statuses(), code

    def destroy(self, *, with_data: bool = False, council: str | None = None) -> Answer:
        """Take down."""
        options = DestroyOptions(yes=True, with_data=with_data, confirm="dales" if with_data else None)
        report = destroy(self.context(OTHER_PORT, GONE)._replace(council=council), options)
        self.view = report.view
        return self._statuses(), report.exit_code

    def destroy_with_data(self) -> Answer:
        """Take down, and lose the data."""
        return self.destroy(with_data=True)

    def still(self) -> Still:
        """Return what is there now."""
        return Still(self.machine.hold(), {path: (self.state / path).read_bytes() for path in self._files()})

    def resume(self, still: Still) -> None:
        """Have what was there at a moment; whoever was at work then is dead, and nobody has seen what came later."""
        self.machine.resume(still.held)
        shutil.rmtree(self.seen, ignore_errors=True)
        for path in self._files():
            (self.state / path).unlink()
        for path, content in still.files.items():
            (self.state / path).parent.mkdir(parents=True, exist_ok=True)
            (self.state / path).write_bytes(self._of_the_dead(content) if "locks" in path.parts else content)

    def look(self) -> dict[str, object]:
        """Return how everything stands, but for ids, times, old versions of states and how secrets are sealed."""
        return {**self.objects(), **dict(self._records()), "files": self._lasting_files()}

    def objects(self, stack: str = "") -> dict[str, object]:
        """Return what the engine holds, of one stack or of all."""
        names = {id_: live.name for id_, live in self.machine.engine.objects.items()}

        def named(value: Any) -> Any:
            text = json.dumps(value, sort_keys=True)
            return re.sub(r"\bid-\d+-\d+\b", lambda id_: names.get(id_[0], id_[0]), text)

        return {
            f"{live.kind} {live.name}": (
                dict(live.labels),
                live.running,
                named(self.machine.engine.inputs[id_]),
                self.machine.engine.contents.get(id_),
            )
            for id_, live in self.machine.engine.objects.items()
            if not stack or live.name.startswith(f"{stack}.")
        }

    def _records(self) -> Iterator[tuple[str, object]]:
        names = {id_: live.name for id_, live in self.machine.engine.objects.items()}
        for stack in self.backend.stacks(PROJECT):
            snapshot = checkpoint.load(self.backend, PROJECT, stack)
            vault = Vault(self.backend, snapshot.salt_line)
            yield f"pending {stack}", len(snapshot.pending)
            for resource in snapshot.resources:
                record = asdict(resource)
                for member in ("created", "modified"):
                    del record[member]
                for member in ("inputs", "outputs"):
                    record[member] = plain(vault.reveal(record[member]))
                record["id"] = bool(record["id"]) and names.get(resource.id, "none of an object")
                record["outputs"] = {name: each for name, each in record["outputs"].items() if name != "id"}
                yield resource.urn, _without_ids(record, names)

    def _lasting_files(self) -> list[str]:
        left = (str(path) for path in self._files() if "history" not in path.parts)
        return sorted(name for name in left if not name.endswith(".bak"))

    def _files(self) -> list[Path]:
        return [path.relative_to(self.state) for path in self.state.rglob("*") if path.is_file()]

    def _of_the_dead(self, lock: bytes) -> bytes:
        return json.dumps({**json.loads(lock), "pid": self.dead}).encode()

    def context(self, port: int = OTHER_PORT, day: date = GONE) -> Context:
        """Return a request."""
        return Context(self.roots[port], self.state, day, self.progress, command_words=("up", "--yes"))

    def _statuses(self) -> dict[str, str]:
        return {stack["stack"]: stack["status"] for stack in self.view["stacks"]}


def _without_ids(record: object, names: Mapping[str, str]) -> object:
    text = json.dumps(record, sort_keys=True, default=str)
    text = re.sub(r"\bid-\d+-\d+\b", lambda id_: names.get(id_[0], id_[0]), text)
    return re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID", text)


def is_made(what: str) -> bool:
    """Say whether a call that was heard is the second word of a change: it is made."""
    return bool(_CHANGED.match(what))
