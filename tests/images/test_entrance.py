"""Whom an application lets in, when gateways come and go: the image's own class, over a real socket's addresses."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.waiting import wait_until

FILE = Path(__file__).parents[2] / "images" / "tryton" / "lib" / "tenant" / "entrance.py"


class Connection:
    """What has come in, and whether it was sent away."""

    is_closed = False

    def close(self) -> None:
        """Send it away."""
        self.is_closed = True


class Visitors:
    """A listening socket to which somebody comes whenever it is asked."""

    address = ""

    def accept(self) -> tuple[Connection, tuple[str, int]]:
        """Return a connection from the address of the day."""
        return Connection(), (self.address, 40000)


@pytest.fixture
def entrance(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The image's module, at a clock and among names that a test sets."""
    spec = importlib.util.spec_from_file_location("entrance", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return World(module, monkeypatch)


class World:
    """A clock, a network's names, and an entrance."""

    def __init__(self, module: ModuleType, patch: pytest.MonkeyPatch) -> None:
        self.now, self.names, self.asked = 0.0, {"gateway-durham": "10.30.10.4"}, 0
        self.may_ask = threading.Semaphore(0)
        clock = SimpleNamespace(monotonic=lambda: self.now, sleep=lambda _: self.may_ask.acquire())
        patch.setattr(module, "time", clock)
        patch.setattr(module, "socket", SimpleNamespace(gethostbyname=self.address_of))
        self.visitors = Visitors()
        self.entrance = module.Entrance(self.visitors, "gateway-durham")
        self.heard(1)

    def address_of(self, name: str) -> str:
        """Return what the network says of a name."""
        self.asked += 1
        if name not in self.names:
            raise OSError(name)
        return self.names[name]

    def heard(self, asked: int) -> None:
        """Wait until the network was asked so often, and the answer was taken."""
        wait_until(lambda: self.asked == asked and self.entrance._heard == self.now, "it asks", pause=0.01)

    def pass_on(self) -> None:
        """End the pause after a question."""
        self.may_ask.release()

    def lets_in(self, address: str) -> bool:
        """Say whether somebody from an address is let in."""
        self.visitors.address = address
        try:
            self.entrance.accept()
        except OSError:
            return False
        return True


def test_its_gateway_and_its_own_container_are_let_in(entrance: World) -> None:
    """And nobody else, however often: a crowd of strangers has the network asked once in a pause."""
    assert entrance.lets_in("10.30.10.4")
    assert entrance.lets_in("127.0.0.1")
    assert not any(entrance.lets_in("10.30.10.5") for _ in range(1000))
    assert entrance.asked == 1
    entrance.pass_on()
    entrance.heard(2)


def test_a_gateway_that_is_made_again_is_known_when_it_comes_again(entrance: World) -> None:
    """Whoever comes first has the network asked, and the answer counts for all."""
    entrance.names["gateway-durham"] = "10.30.10.9"
    assert not entrance.lets_in("10.30.10.9")
    entrance.pass_on()
    entrance.heard(2)
    assert entrance.lets_in("10.30.10.9")
    assert not entrance.lets_in("10.30.10.4")


def test_a_gateway_is_let_in_while_the_engine_takes_its_time(entrance: World) -> None:
    """Its name is asked again after some seconds; until there is an answer the last one counts, for a minute."""
    del entrance.names["gateway-durham"]
    entrance.now = 6
    assert entrance.lets_in("10.30.10.4")
    entrance.pass_on()
    wait_until(lambda: entrance.asked == 2, "it asks", pause=0.01)
    assert entrance.lets_in("10.30.10.4")
    entrance.now = 61
    assert not entrance.lets_in("10.30.10.4")
