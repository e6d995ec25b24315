"""Whom an application lets in, when gateways come and go: the image's own class, over a real socket's addresses."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

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
        patch.setattr(module.time, "monotonic", lambda: self.now)
        patch.setattr(module.socket, "gethostbyname", self.address_of)
        self.visitors = Visitors()
        self.entrance = module.Entrance(self.visitors, "gateway-durham")

    def address_of(self, name: str) -> str:
        """Return what the network says of a name."""
        self.asked += 1
        if name not in self.names:
            raise OSError(name)
        return self.names[name]

    def lets_in(self, address: str) -> bool:
        """Say whether somebody from an address is let in."""
        self.visitors.address = address
        try:
            self.entrance.accept()
        except OSError:
            return False
        return True


def test_its_gateway_and_its_own_container_are_let_in(entrance: World) -> None:
    """And nobody else, however often: a crowd of strangers has the network asked ten times a second."""
    assert entrance.lets_in("10.30.10.4")
    assert entrance.lets_in("127.0.0.1")
    before = entrance.asked
    for _ in range(1000):
        entrance.now += 0.001
        assert not entrance.lets_in("10.30.10.5")
    assert entrance.asked - before <= 11


def test_a_gateway_that_is_made_again_is_known_at_once(entrance: World) -> None:
    """Also among strangers, whose questions are answered for all."""
    assert entrance.lets_in("10.30.10.4")
    entrance.names["gateway-durham"] = "10.30.10.9"
    entrance.now += 0.2
    assert not entrance.lets_in("10.30.10.5")
    assert entrance.lets_in("10.30.10.9")


def test_a_former_gateways_address_is_nobodys_for_long(entrance: World) -> None:
    """Whoever has it after some seconds is a stranger, and while there is no gateway everybody is."""
    assert entrance.lets_in("10.30.10.4")
    del entrance.names["gateway-durham"]
    entrance.now += 6
    assert not entrance.lets_in("10.30.10.4")
    assert not entrance.lets_in("10.30.10.9")
