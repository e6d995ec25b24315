"""Real proxies under the planned configurations: who says nothing holds nobody up, and only what is asked passes."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import date
from http.client import HTTPSConnection
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from moothall import imagetags, paths
from moothall.docker_engine.tar import texts
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.plan import containers
from moothall.plan.config import haproxy

pytestmark = pytest.mark.live
PREFIX = f"proxies-{secrets.token_hex(3)}"
TAGS = imagetags.tags(paths.IMAGES)
NAME, GATEWAY, RELAY = "durham.erp.test", "gateway.durham.erp.morpeth", "relay.durham.erp"
LINK = Certificate(GATEWAY, GATEWAY, (GATEWAY,), (), ("server",))
USER = Certificate(NAME, NAME, (NAME,), (), ("server",))
CLIENT = Certificate(RELAY, RELAY, (), (), ("client",))
VAULT = DerivingVault(b"m" * 32, PREFIX, agreed=date(2006, 10, 10), as_of=date.today())
HELD = 300
# Says what it was asked; says it is ready.
APPLICATION = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Saying(BaseHTTPRequestHandler):
    def do_GET(self):
        said = (self.path + "\\n" + str(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
ThreadingHTTPServer(("", 8000), Saying).serve_forever()
"""
# Keeps as many connections as it can, says nothing on any, and makes a new one for each that is ended.
SILENT = f"""
import selectors, socket, sys
held, told = selectors.DefaultSelector(), False
def hold():
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex((sys.argv[1], {haproxy.LINK_PORT}))
    held.register(one, selectors.EVENT_READ)
for _ in range({HELD}):
    hold()
print("held", flush=True)
while True:
    for key, _ in held.select():
        held.unregister(key.fileobj)
        key.fileobj.close()
        hold()
"""


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
    key = VAULT.thumbprint(CLIENT)
    made = proxy(
        client,
        "gateway",
        haproxy.gateway(subnet, RELAY, key, "durham", "application"),
        {"link.pem": pem(LINK), "user.pem": pem(USER)},
    )
    hop = haproxy.GatewayHop("morpeth", "gateway", haproxy.LINK_PORT, GATEWAY)
    users = proxy(client, "relay", haproxy.relay(subnet, None, [hop]), {"client.pem": pem(CLIENT)})
    wait_for(address(users), GET)
    return address(users), address(made)


GET = "/durham/x"


def pem(leaf: Certificate) -> str:
    """Return a certificate with its key."""
    return VAULT.certificate(leaf) + VAULT.key(leaf)


def run(client: docker.DockerClient, name: str, command: list[str], alias: str = "", **how: Any) -> Container:
    """Start a program of the application's image, on the network of this module."""
    made = client.containers.create(
        TAGS["tryton"], command[1:], entrypoint=command[0], name=f"{PREFIX}-{name}", user="910:0", **how
    )
    return started(client, made, alias or name)


def proxy(client: docker.DockerClient, name: str, configuration: str, files: dict[str, str]) -> Container:
    """Start a proxy, held to the memory that the plan gives it."""
    preset = containers.PROXY
    made = client.containers.create(
        TAGS["haproxy"],
        list(preset.command),
        name=f"{PREFIX}-{name}",
        user=preset.user,
        mem_limit=f"{preset.memory_mb}m",
        volumes=["/cfg"],
    )
    made.put_archive("/cfg", texts({"haproxy.cfg": configuration, "ca.crt": VAULT.authority(), **files}))
    return started(client, made, name)


def started(client: docker.DockerClient, container: Container, alias: str) -> Container:
    """Put a container on the network alone, and start it."""
    client.networks.get("bridge").disconnect(container)
    client.networks.get(PREFIX).connect(container, aliases=[alias])
    container.start()
    container.reload()
    return container


def address(container: Container) -> str:
    """Return where a container is on the network."""
    return str(container.attrs["NetworkSettings"]["Networks"][PREFIX]["IPAddress"])


def ask(relay: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, str, dict[str, str]]:
    """Return status, text and headers of an answer, asked as the council's people do: through their relay."""
    trust = ssl.create_default_context(cadata=VAULT.authority())
    connection = HTTPSConnection(NAME, timeout=30, context=trust)
    connection.sock = trust.wrap_socket(socket.create_connection((relay, haproxy.USER_PORT), 30), server_hostname=NAME)
    try:
        connection.putrequest("GET", path)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def wait_for(relay: str, path: str) -> None:
    """Wait until somebody is served."""
    until = time.monotonic() + 60
    while True:
        try:
            assert ask(relay, path)[0] == 200
            return
        except (OSError, AssertionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def test_the_silent_cut_nobody_off(client: docker.DockerClient, relay: tuple[str, str]) -> None:
    """Somebody beside the relay holds 300 connections to its gateway and says nothing: all are served as before."""
    users, gateway = relay
    attacker = run(client, "attacker", ["python3", "-c", SILENT, gateway], ulimits=[files_limit()])
    try:
        next(attacker.logs(stream=True))
        until, served = time.monotonic() + 3 * haproxy.HELLO_SECONDS, 0
        while time.monotonic() < until:
            assert ask(users, GET)[0] == 200
            served += 1
        assert served > 1
        made = client.containers.get(f"{PREFIX}-gateway")
        assert made.exec_run(["/usr/local/bin/alive"]).exit_code == 0
    finally:
        attacker.remove(force=True)


def files_limit() -> docker.types.Ulimit:
    """Let a program have as many connections as it likes."""
    return docker.types.Ulimit(name="nofile", soft=4096, hard=4096)


@pytest.mark.parametrize("words", [[b""], [bytes([each]) for each in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]])
@pytest.mark.parametrize("door", ["relay", "gateway"])
def test_nobody_holds_a_slot_without_a_handshake(relay: tuple[str, str], door: str, words: list[bytes]) -> None:
    """Neither by saying nothing nor by saying it slowly."""
    where = (relay[0], haproxy.USER_PORT) if door == "relay" else (relay[1], haproxy.LINK_PORT)
    with socket.create_connection(where, 30) as silent:
        begun, silent_for = time.monotonic(), 4 * haproxy.HELLO_SECONDS
        silent.settimeout(1.0)
        for word in words:
            try:
                silent.sendall(word)
                assert silent.recv(1) == b""
                break
            except TimeoutError:
                continue
            except OSError:
                break
        silent.settimeout(silent_for)
        with contextlib.suppress(ConnectionError):
            assert silent.recv(1) == b""
        assert time.monotonic() - begun < silent_for


def test_the_application_believes_its_gateway_alone(relay: tuple[str, str]) -> None:
    """What a client claims about proxies before it does not pass, however it is spelt."""
    claims = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Port": "99",
        "X-FORWARDED-PREFIX": "/evil",
        "X_Forwarded_Prefix": "/evil",
        "Forwarded": "for=6.6.6.6;host=evil.test",
    }

    status, said, _ = ask(relay[0], GET, claims)

    told = sorted(line for line in said.lower().splitlines() if "forward" in line)
    assert status == 200
    assert told == [f"x-forwarded-for: {relay[0]}", "x-forwarded-proto: https"]


@pytest.mark.parametrize(
    "path", ["/durham/../rpc", "/durham/%2e%2e/x", "/durham/%2E./x", "/durham/.%2e%2fx", "/rpc/..%2f"]
)
def test_no_path_climbs(relay: tuple[str, str], path: str) -> None:
    """However the dots are written."""
    assert ask(relay[0], path)[0] == 404


def test_browsers_are_told_what_they_may(relay: tuple[str, str]) -> None:
    """Beside every answer."""
    _, _, headers = ask(relay[0], GET)

    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
