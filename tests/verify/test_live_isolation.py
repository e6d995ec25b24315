"""Real networks and real proxies: a council reaches its own relay only, and a network edge too many is found."""

from __future__ import annotations

import io
import os
import re
import secrets
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from ipaddress import IPv4Address, IPv4Network

import docker
import pytest
from tests.built import NOT_BUILT, TAGS, built
from tests.networks import subnet
from tests.verify import plans
from tests.waiting import wait_until

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.stale import LABEL
from moothall.failures import Inconclusive
from moothall.keys.vault import DerivingVault
from moothall.verify import clear_probes
from moothall.verify.probe import Order, Place, ProbeReply, probe
from moothall.verify.reachability_scan import breaches, targets

pytestmark = pytest.mark.live
HOST = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
PREFIX = f"verify-test-{secrets.token_hex(3)}"
IMAGES = {name: built(name) for name in ("haproxy", "tryton")}
PLAN = plans.plan(PREFIX, IMAGES["haproxy"])
VAULT = DerivingVault({0: b"m" * 32}, PREFIX, agreed=PLAN.agreed, as_of=date.today())
LISTENING = """
defaults
    mode tcp
    timeout connect 1s
    timeout client 9s
    timeout server 9s
frontend users
    bind :443
    tcp-request inspect-delay 9s
    tcp-request content accept if { req.len gt 0 }
"""


@pytest.fixture(scope="module")
def client() -> Iterator[docker.APIClient]:
    """Give the engine with each council's network and a real proxy on it as its relay; take all away again."""
    engine = docker.APIClient(HOST, version="auto")
    if NOT_BUILT in IMAGES.values():
        pytest.skip("not all images are built")
    networks = []
    for number, stack in enumerate(PLAN.stacks):
        network = stack.networks[0]
        addresses = IPv4Network(subnet(PREFIX, number))
        given = max(addresses.subnets())
        pool = docker.types.IPAMPool(subnet=str(addresses), iprange=str(given), gateway=str(addresses[1]))
        ipam = docker.types.IPAMConfig(pool_configs=[pool])
        networks.append(engine.create_network(network.name, internal=True, ipam=ipam))
        start_relay(engine, stack.containers[0].name, network.name)
    yield engine
    for container in engine.containers(all=True, filters={"name": PREFIX}):
        engine.remove_container(container["Id"], v=True, force=True)
    for network in networks:
        engine.remove_network(network["Id"])
    engine.close()


def start_relay(engine: docker.APIClient, name: str, network: str) -> None:
    """Start a proxy that accepts on port 443 and waits for the first byte."""
    host = engine.create_host_config(network_mode=network, read_only=True, cap_drop=["ALL"])
    made = engine.create_container(
        IMAGES["haproxy"],
        ["haproxy", "-db", "-f", "/cfg/haproxy.cfg"],
        name=name,
        user="920:0",
        volumes=["/cfg"],
        host_config=host,
    )
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("haproxy.cfg")
        entry.size, entry.mode = len(LISTENING), 0o440
        tar.addfile(entry, io.BytesIO(LISTENING.encode()))
    engine.put_archive(made["Id"], "/cfg", out.getvalue())
    engine.start(made["Id"])


def place(council: str) -> Place:
    """Return where a council's probe stands."""
    return Place(PREFIX, council, f"{PREFIX}.{council}.network", IMAGES["tryton"], "910:0")


def breaches_of(council: str) -> list[str]:
    """Return what a probe of the council finds wrong."""
    engine = Engine(HOST)
    found = targets(PLAN, engine.containers())
    assert len({target.container for target in found}) == 2
    own = tuple(number for number, target in enumerate(found) if target.container == f"{PREFIX}.{council}.relay")
    order = Order((), tuple(target.pair for target in found), controls=own, deadline_seconds=5)
    answer = probe(engine, place(council), order, VAULT.authority())
    return breaches(PLAN, council, zip(found, answer.sweep, strict=True))


@pytest.mark.parametrize("council", plans.COUNCILS)
def test_each_council_reaches_its_own_relay_only(client: docker.APIClient, council: str) -> None:
    """The other council's relay listens just as well, behind the engine's own isolation."""
    assert breaches_of(council) == []


def test_an_edge_too_many_is_found(client: docker.APIClient) -> None:
    """A relay put on another council's network is reached from there, and from nowhere else."""
    relay, network = f"{PREFIX}.derwentside.relay", f"{PREFIX}.durham.network"
    client.connect_container_to_network(relay, network)
    try:
        wrong = breaches_of("durham")
        elsewhere = breaches_of("derwentside")
    finally:
        client.disconnect_container_from_network(relay, network)
    found = [re.fullmatch(rf"{relay} answers at ([0-9.]+):443 \({network}\)", line) for line in wrong]
    own = IPv4Network(subnet(PREFIX, plans.COUNCILS.index("durham")))
    assert [each for each in found if each and IPv4Address(each[1]) in own]
    assert elsewhere == []


def test_nothing_is_run_by_a_tag(client: docker.APIClient) -> None:
    """It is there and is right, and might be anybody's."""
    tagged = replace(place("durham"), image=TAGS["tryton"])

    with pytest.raises(Inconclusive, match="nothing is on record as built"):
        probe(Engine(HOST), tagged, Order(deadline_seconds=5), VAULT.authority())


def test_a_probe_leaves_nothing_behind(client: docker.APIClient) -> None:
    """No container and no volume, and no secret where others may see it."""
    before = {volume["Name"] for volume in client.volumes()["Volumes"] or ()}
    canary = f"canary{secrets.token_hex(12)}"
    order = Order(({**tenant_order(), "password": canary},), deadline_seconds=1)
    watched: list[str] = []
    answer = watching(client, lambda: probe(Engine(HOST), place("durham"), order, VAULT.authority()), watched)
    assert answer.tenants["erp"].outcome == "not-ready"
    assert client.containers(all=True, filters={"label": f"{LABEL}={PREFIX}"}) == []
    own = {volume["Name"] for volume in client.volumes()["Volumes"] or ()} - before
    assert not own & {mount for text in watched for mount in own if mount in text}
    assert watched
    assert not any(canary in text for text in watched)


def tenant_order() -> dict[str, object]:
    """Return an order to log in where nobody serves."""
    return {
        "instance": "erp",
        "host_name": "nobody.erp.test",
        "port": 443,
        "database": "durham",
        "login": "admin",
        "proof_models": [],
    }


def watching(client: docker.APIClient, work: Callable[[], ProbeReply], watched: list[str]) -> ProbeReply:
    """Do the work while noting what the engine shows of the probe: settings, processes, logs."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        while not future.done():
            for found in client.containers(filters={"label": f"{LABEL}={PREFIX}"}):
                try:
                    watched.append(str(client.inspect_container(found["Id"])))
                    watched.append(str(client.top(found["Id"])))
                    watched.append(str(client.logs(found["Id"])))
                except docker.errors.APIError:
                    pass  # it ended meanwhile
            time.sleep(0.05)
        return future.result()


PROBING = f"""
import sys
from moothall.docker_engine.engine import Engine
from moothall.verify.probe import Order, Place, probe
tenant = dict(instance="erp", host_name="nobody.erp.test", port=443, database="d", login="a", password="p")
tenant["proof_models"] = []
probe(Engine({HOST!r}), Place({PREFIX!r}, "durham", "{PREFIX}.durham.network", {IMAGES["tryton"]!r}, "910:0"),
      Order((tenant,), deadline_seconds=60), sys.argv[1])
"""
"""A probe that asks for a minute whether somebody can log in; it takes the authority's certificate."""


def test_the_next_run_removes_what_a_killed_one_left(client: docker.APIClient) -> None:
    """And only then: while its process lives, a probe is somebody's."""
    killed = subprocess.Popen([sys.executable, "-c", PROBING, VAULT.authority()])
    probes = {"label": f"{LABEL}={PREFIX}"}
    try:
        wait_until(lambda: client.containers(filters=probes), "it probes")
        clear_probes(HOST, PREFIX)
        assert len(client.containers(all=True, filters=probes)) == 1
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    clear_probes(HOST, PREFIX)
    assert client.containers(all=True, filters=probes) == []
