"""An engine that has lost count of a network's endpoints, as Docker 20.10 has: made by a client that says so."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.pulumi_engine.lab import PROJECT
from tests.pulumi_engine.memory_engine import MemoryLab, Words

from moothall.deploy.changes import StackChange
from moothall.deploy.deployment import _is_sound
from moothall.docker_engine.errors import Refused
from moothall.pulumi_engine.provider import networks
from moothall.pulumi_engine.provider.port import EndpointLeaked, StepFailed
from moothall.pulumi_engine.steps.destruction import Destruction
from moothall.pulumi_engine.steps.observer import SILENT
from moothall.pulumi_engine.steps.outcome import FailedStep

HOST = "unix:///run/docker.sock"


class Client:
    """As much of an engine as removing a network needs: it is refused a number of times, with `who` on it."""

    def __init__(self, refusals: int, who: dict[str, Any] | None = None, running: tuple[str, ...] = ()) -> None:
        self.refusals = refusals
        self.who = who or {}
        self.there = running
        self.host = HOST
        self.removed: list[str] = []

    def remove_network(self, id_: str) -> None:
        """Refuse, or remove."""
        if self.refusals:
            self.refusals -= 1
            said = f"error while removing network: network council.network id {id_} has active endpoints"
            raise Refused("The network cannot be removed", said, said, 403)
        self.removed.append(id_)

    def inspect_network(self, id_: str) -> dict[str, Any]:
        """What the engine lists."""
        return {"Name": "council.network", "Containers": self.who}

    def running_containers(self, filters: dict[str, str]) -> list[dict[str, str]]:
        """The running containers of that network."""
        return [{"Id": each} for each in self.there]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three looks instead of ten seconds."""
    monkeypatch.setattr(networks, "LOOK_SECONDS", 0.0)
    moments = iter(range(100))
    monkeypatch.setattr(networks, "time", SimpleNamespace(monotonic=lambda: 5 * next(moments), sleep=lambda _: None))


def remove(client: Client) -> None:
    """Remove the network."""
    networks.remove_network(client, "n1")  # type: ignore[arg-type]


def test_a_busy_engine_is_given_time_to_let_go() -> None:
    """Endpoints of containers that were removed a moment ago may still be counted."""
    client = Client(2)
    remove(client)
    assert client.removed == ["n1"]


@pytest.mark.parametrize("listed", [{}, {"ep-31c2": {"Name": "gone"}}])
def test_a_count_that_never_ends_is_recognised(listed: dict[str, Any]) -> None:
    """Nobody is there, and it says so every time: only the engine's next start helps, and that is said."""
    with pytest.raises(EndpointLeaked) as told:
        remove(Client(1000, listed))
    assert "the network council.network" in told.value.message
    assert told.value.message.endswith("run the same command again: systemctl restart docker")


@pytest.mark.parametrize("client", [Client(1000, {"c1": {"Name": "stranger"}}), Client(1000, {}, ("c1",))])
def test_a_network_that_somebody_uses_is_refused_at_once(client: Client) -> None:
    """Then the engine is right, and a restart would change nothing."""
    with pytest.raises(StepFailed, match="has active endpoints") as told:
        remove(client)
    assert not isinstance(told.value, EndpointLeaked)
    assert client.refusals == 999


def test_no_more_than_a_few_leave_one_network_at_once() -> None:
    """Whatever networks they are on besides, in any order; nobody waits in a circle."""
    inside, most, changing = 0, 0, threading.Lock()

    def leave(others: tuple[str, ...]) -> None:
        nonlocal inside, most
        with networks.leaving(HOST, {"networksAdvanced": [{"name": name} for name in others]}):
            with changing:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.01)
            with changing:
                inside -= 1

    threads = [
        threading.Thread(target=leave, args=(("shared", f"own-{number}")[:: 1 if number % 2 else -1],), daemon=True)
        for number in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert most <= networks.LEAVING_AT_ONCE


def program(words: Words) -> None:
    """Two networks, and a container on one of them."""
    busy = words.network("busy")
    words.network("other")
    words.container("app", networks_advanced=words.joined(busy))


def test_everything_else_is_taken_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network stays, alone with what it needs to go later; the next destroy takes it."""
    lab = MemoryLab(tmp_path)
    assert lab.up(program).status == "succeeded"
    delete = lab.engine.delete

    def refusing(type_: str, id_: str, inputs: Any) -> None:
        if inputs["name"] == lab.name("busy"):
            raise EndpointLeaked("it has lost count")
        delete(type_, id_, inputs)

    monkeypatch.setattr(lab.engine, "delete", refusing)
    first = destroy(lab)
    assert (first.status, [(each.name, each.blocks_nothing) for each in first.failures]) == ("failed", [("busy", True)])
    assert {live.name for live in lab.engine.facts().all()} == {lab.name("busy")}

    monkeypatch.setattr(lab.engine, "delete", delete)
    assert destroy(lab).status == "succeeded"
    assert not lab.engine.facts().all()


def destroy(lab: MemoryLab) -> Any:
    """Take the stack down."""
    work = Destruction((PROJECT, "dev"), lab.backend, lab.owner(), lambda _: lab.engine, with_data=False)
    return work.run(SILENT, threading.Event())


def test_other_stacks_go_on(tmp_path: Path) -> None:
    """A stack whose only failure is alone holds nobody up; any other failure does."""
    alone, other = (
        FailedStep("", "busy", "it has lost count", blocks_nothing=True),
        FailedStep("", "app", "it would not"),
    )
    assert _is_sound(StackChange("a", "failed", failures=(alone,)))
    assert not _is_sound(StackChange("a", "failed", failures=(alone, other)))
    assert not _is_sound(StackChange("a", "failed"))
