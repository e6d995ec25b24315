"""A container engine in memory: a real little provider, for what is about decisions and not about Docker."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.pulumi_engine.lab import Declare, Lab, Words, passphrase

from moothall import pulumi_engine
from moothall.model.engines import Endpoint
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, VOLUME, labels, wants_running
from moothall.pulumi_engine.provider.port import Facts, Live, StepFailed
from moothall.pulumi_engine.steps.observer import SILENT
from moothall.pulumi_engine.steps.operations import Operation
from moothall.pulumi_engine.steps.outcome import Outcome


class MemoryEngine:
    """Objects in a dictionary by id; satisfies `Provider`. `calls` are the changes made, in order.

    `on_create` may raise StepFailed, or wait for something, before an object is made. `inputs` are those that the
    embedded engine gave; `described` is what the stand-in's Docker engine (`memory_daemon.py`) knows of its own.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Live] = {}
        self.calls: list[tuple[str, str]] = []
        self.inputs: dict[str, Mapping[str, Any]] = {}
        self.described: dict[str, dict[str, Any]] = {}
        self.on_create: Callable[[str], None] = lambda name: None
        self.codes: dict[str, int] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def facts(self) -> Facts:
        """Everything that is there."""
        return Facts(list(self.objects.values()))

    def create(self, type_: str, inputs: Mapping[str, Any]) -> str:
        """Make an object under a fresh id; a volume's id is its name. A half-made container is there, and stopped."""
        try:
            id_ = self.begin(type_, inputs["name"])
        except StepFailed as error:
            if error.left_id and type_ == CONTAINER:
                self._keep(type_, error.left_id, inputs, running=False)
            raise
        self._keep(type_, id_, inputs, running=type_ == CONTAINER and bool(wants_running(inputs)))
        return id_

    def begin(self, type_: str, name: str) -> str:
        """A fresh id for an object that is going to be made. Raises StepFailed."""
        self.on_create(name)
        with self._lock:
            self.calls.append(("create", name))
            return name if type_ == VOLUME else f"id-{next(self._ids)}"

    def adoptable(self, live: Live, inputs: Mapping[str, Any]) -> bool:
        """All but containers."""
        return live.kind != CONTAINER

    def update(self, type_: str, id_: str, inputs: Mapping[str, Any], changed: frozenset[str]) -> None:
        """Start or stop the container as wanted, and note the change."""
        self.objects[id_] = replace(self.objects[id_], running=bool(wants_running(inputs)))
        self.inputs[id_] = inputs
        self.described.pop(id_, None)
        self.calls.append(("update", inputs["name"]))

    def delete(self, type_: str, id_: str, inputs: Mapping[str, Any]) -> None:
        """Forget the object."""
        self.objects.pop(id_, None)
        self.described.pop(id_, None)
        self.calls.append(("delete", inputs["name"]))

    def release(self, network: str, containers: Collection[str]) -> None:
        """Nobody is on a network here."""

    def logs(self, id_: str) -> str:
        """Nothing was written, but for a word by those that ended badly."""
        return "its last line" if self.exit_code(id_) else ""

    def exit_code(self, id_: str) -> int | None:
        """As `codes` say by the object's name."""
        return self.codes.get(self.objects[id_].name) if id_ in self.objects else None

    def _keep(self, type_: str, id_: str, inputs: Mapping[str, Any], *, running: bool) -> None:
        self.objects[id_] = Live(type_, id_, inputs["name"], labels(inputs), running)
        self.inputs[id_] = inputs


class MemoryLab(Lab):
    """A lab whose every engine address leads to the same engine in memory."""

    def __init__(self, root: Path, *, declarative: bool = False) -> None:
        super().__init__("mem", root, "unix:///memory.sock", declarative)
        self.engine = MemoryEngine()

    def operation(self, declare: Declare, stack: str = "dev", observer: Any = SILENT) -> Operation:
        """An operation of a program on the engine in memory."""

        def connect(address: Endpoint) -> MemoryEngine:
            return self.engine

        return Operation(self.run(declare, stack), pulumi_engine.Backend(self.root, passphrase), observer, connect)

    def up(self, declare: Declare, stack: str = "dev", **how: Any) -> Outcome:
        """Run `up`."""
        return self.operation(declare, stack, how.get("observer", SILENT)).up(how.get("stop") or threading.Event())

    def preview(self, declare: Declare, stack: str = "dev", **how: Any) -> Outcome:
        """Run `preview`."""
        return self.operation(declare, stack).preview()


def fails_once(*names: str) -> Callable[[str], None]:
    """An `on_create` that fails the first creation of each of these Docker names."""
    left = set(names)

    def on_create(name: str) -> None:
        if name in left:
            left.discard(name)
            raise StepFailed(f"{name} would not", left_id="half-made")

    return on_create


__all__ = ["MemoryEngine", "MemoryLab", "Words", "fails_once"]
