"""Restores of a partnership in memory, each as a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.fakes.containers import Container as Made
from tests.fakes.dales import PRIMARY
from tests.fakes.machine import Machine
from tests.fakes.postgres import Cluster
from tests.operations.restore.deeds import Open
from tests.operations.restore.moments import Ending, Moment, files_below, look

from moothall.docker_engine.pool import EnginePool
from moothall.model.engines import Endpoint, Engines
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.restore.run import Restore
from moothall.operations.restore.subject import choose
from moothall.operations.secrets import passing_vault


@pytest.fixture
def open_restore(dales: tuple[Path, Plan], context: Context, machine: Machine) -> Open:
    """Return what begins the restore of an instance or a council, as a process of its own."""

    def opened(name: str, deed: str = "swap") -> Restore:
        engines, vault = Engines(Endpoint("unix:///nowhere")), passing_vault(dales[1])
        subject = choose(dales[1], name, None)
        return Restore(subject, engines, vault, context.progress, again(name, deed), context.state)

    def again(name: str, deed: str) -> Callable[..., str]:
        return context._replace(command_words=("restore", name, f"--{deed}")).repeated_command

    return opened


@pytest.fixture
def ending(machine: Machine, context: Context) -> Ending:
    """Return what tells how something ends that nobody interrupts; everything is put back after that."""

    def told(act: Callable[[], object]) -> dict[str, object]:
        moment = Moment(machine, context.state)
        act()
        assert files_below(context.state) == [], "what has ended is recorded no more"
        end = look(machine)
        moment.resume()
        return end

    return told


@pytest.fixture
def marked(dales: tuple[Path, Plan], machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a server mark its cluster with the order that has put it in place, and obey none twice."""
    genuine_begin, engine = machine.begin, type(EnginePool(dales[1], Engines(Endpoint("unix:///nowhere"))).of(PRIMARY))
    genuine_run = engine.run

    def mark(served: Cluster | None) -> str:
        return str(vars(served).get("restored_by", "")) if served else ""

    def begin(made: Made) -> None:
        order = made.data.files.get("restore-order", b"").decode().partition("\n")[0]
        if order and mark(made.data.cluster) == order:
            del made.data.files["restore-order"]
        genuine_begin(made)
        if order:
            vars(made.data.cluster)["restored_by"] = order

    def run(self: object, container: str, command: Sequence[str]) -> tuple[int, str]:
        if command[0] == "cat":
            assert command[1] == "/var/lib/postgresql/data/pg/restored-by"
            name = mark(machine.cluster(container))
            return (0, f"{name}\n") if name else (1, "cat: no such file")
        return genuine_run(self, container, command)

    monkeypatch.setattr(machine, "begin", begin)
    monkeypatch.setattr(engine, "run", run)
