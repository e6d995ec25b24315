"""A gateway, its relay and an application, as containers under the planned configurations, and how they are asked."""

from __future__ import annotations

import secrets
import socket
import ssl
import time
from datetime import date
from http.client import HTTPSConnection
from typing import Any

import docker
from docker.models.containers import Container

from moothall import imagetags, paths
from moothall.docker_engine.tar import texts
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.plan import containers
from moothall.plan.config import haproxy

PREFIX = f"proxies-{secrets.token_hex(3)}"
TAGS = imagetags.tags(paths.IMAGES)
NAME, GATEWAY, RELAY = "durham.erp.test", "gateway.durham.erp.morpeth", "relay.durham.erp"
LINK = Certificate(GATEWAY, GATEWAY, (GATEWAY,), (), ("server",))
USER = Certificate(NAME, NAME, (NAME,), (), ("server",))
CLIENT = Certificate(RELAY, RELAY, (), (), ("client",))
VAULT = DerivingVault({0: b"m" * 32}, PREFIX, agreed=date(2006, 10, 10), as_of=date.today())
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


def asker(relay: str) -> str:
    """Return the address from which this process comes to a relay."""
    with socket.create_connection((relay, haproxy.USER_PORT), 30) as own:
        return str(own.getsockname()[0])
