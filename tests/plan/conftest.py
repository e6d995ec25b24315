"""A gateway, its relay and an application for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest
from tests.plan.real_proxies import (
    APPLICATION,
    CLIENT,
    GATEWAY,
    GET,
    LINK,
    PREFIX,
    RELAY,
    TAGS,
    USER,
    VAULT,
    address,
    pem,
    proxy,
    run,
    wait_for,
)

from moothall.plan.config import gateway, haproxy


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """The engine; what this module made is taken away again."""
    engine = docker.from_env()
    for name in ("haproxy", "tryton"):
        if not engine.images.list(TAGS[name]):
            pytest.skip(f"the image {TAGS[name]} is not built")
    yield engine
    for container in engine.containers.list(ignore_removed=True, all=True, filters={"name": PREFIX}):
        container.remove(force=True, v=True)
    for network in engine.networks.list(names=[PREFIX]):
        network.remove()


@pytest.fixture(scope="module")
def relay(client: docker.DockerClient) -> tuple[str, str]:
    """A gateway, its relay and an application on one network: the addresses of the relay and of the gateway."""
    network = client.networks.create(PREFIX)
    network.reload()
    subnet = network.attrs["IPAM"]["Config"][0]["Subnet"]
    run(client, "application", ["python3", "-c", APPLICATION], alias="application")
    made = proxy(
        client,
        "gateway",
        gateway.configuration(
            subnet,
            gateway.Client(RELAY, VAULT.thumbprint(CLIENT)),
            gateway.Tenant("durham", "erp", "morpeth", "durham", "application"),
        ),
        {"link.pem": pem(LINK), "user.pem": pem(USER)},
    )
    hop = haproxy.GatewayHop("morpeth", "gateway", haproxy.LINK_PORT, GATEWAY)
    configuration = haproxy.relay(subnet, None, [hop], VAULT.thumbprint(CLIENT))
    users = proxy(client, "relay", configuration, {"client.pem": pem(CLIENT)})
    wait_for(address(users), GET)
    return address(users), address(made)
