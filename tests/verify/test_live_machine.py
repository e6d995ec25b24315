"""The machine behind a network: with the option that the plan gives sealed networks it is not there; without it is."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network

import docker
import pytest
from tests.built import NOT_BUILT, built
from tests.networks import subnet
from tests.verify import plans

from moothall.docker_engine.engine import Engine
from moothall.keys.vault import DerivingVault
from moothall.plan import networks
from moothall.verify.context import HOST_NETWORK
from moothall.verify.probe import Order, Place, probe

pytestmark = pytest.mark.live
HOST = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
PREFIX = f"machine-{secrets.token_hex(3)}"
IMAGE = built("tryton")
VAULT = DerivingVault({0: b"m" * 32}, PREFIX, agreed=date(2006, 10, 10), as_of=date.today())
SEALED = networks.internal_network("stack", "network", IPv4Network("10.214.0.0/24"), plans.NOWHERE)


@pytest.fixture(scope="module")
def client() -> Iterator[docker.APIClient]:
    """The engine, which has the image; it is on this machine."""
    engine = docker.APIClient(HOST, version="auto")
    if IMAGE == NOT_BUILT:
        pytest.skip("the image tryton is not built")
    yield engine
    engine.close()


@pytest.fixture
def listening() -> Iterator[int]:
    """A service of the machine, on every address of it; its port."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        yield server.getsockname()[1]


def gateway(number: int) -> str:
    """Return the gateway's address of a network."""
    return str(IPv4Network(subnet(PREFIX, number))[1])


def seen_from(client: docker.APIClient, number: int, options: dict[str, str], port: int) -> dict[str, str]:
    """Return what a probe on an internal network with these options sees of the machine's service."""
    pool = docker.types.IPAMPool(subnet=subnet(PREFIX, number), gateway=gateway(number))
    ipam = docker.types.IPAMConfig(pool_configs=[pool])
    network = client.create_network(f"{PREFIX}-{number}", internal=True, ipam=ipam, options=options)
    try:
        engine = Engine(HOST)
        there = Place(PREFIX, "the machine", HOST_NETWORK, IMAGE, "910:0")
        found = probe(engine, there, Order(with_sockets=True, deadline_seconds=30), VAULT.authority()).sockets
        assert port in found.ports
        doors = tuple((address, port) for address in {*found.addresses, gateway(number)})
        here = Place(PREFIX, "durham", f"{PREFIX}-{number}", IMAGE, "910:0")
        return dict(probe(engine, here, Order(machine=doors, deadline_seconds=30), VAULT.authority()).machine)
    finally:
        client.remove_network(network["Id"])


def test_a_sealed_network_does_not_reach_the_machine(client: docker.APIClient, listening: int) -> None:
    """At no address of it, its other networks' included."""
    found = seen_from(client, 1, dict(SEALED.options), listening)

    assert f"{gateway(1)}:{listening}" in found
    assert set(found.values()) == {"silent"}


def test_without_the_option_it_does(client: docker.APIClient, listening: int) -> None:
    """So the test above would see it."""
    assert seen_from(client, 2, {}, listening)[f"{gateway(2)}:{listening}"] == "open"
