"""Real proxies under the planned configurations: who says nothing holds nobody up, and only what is asked passes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time

import docker
import pytest
from tests.plan.real_proxies import GET, NAME, PREFIX, SILENT, VAULT, ask, asker, run

from moothall.plan.config import haproxy

pytestmark = pytest.mark.live


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
    assert told == [f"x-forwarded-for: {asker(relay[0])}", "x-forwarded-proto: https"]


def test_no_user_says_who_he_is(relay: tuple[str, str]) -> None:
    """What looks like the relay's own word about an address, before or inside of the user's TLS, is none."""
    word = b"PROXY TCP4 6.6.6.6 6.6.6.6 1 1\r\n"
    binary = bytes.fromhex("0d0a0d0a000d0a515549540a2111000c") + bytes([6, 6, 6, 6] * 2 + [0, 1] * 2)
    for before in (word, binary):
        with socket.create_connection((relay[0], haproxy.USER_PORT), 30) as own:
            own.sendall(before)
            with contextlib.suppress(ConnectionError):
                assert own.recv(1) == b""
    trust = ssl.create_default_context(cadata=VAULT.authority())
    for before in (word, binary):
        with trust.wrap_socket(
            socket.create_connection((relay[0], haproxy.USER_PORT), 30), server_hostname=NAME
        ) as own:
            own.sendall(before + f"GET {GET} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
            assert own.recv(12) == b"HTTP/1.1 400"
    assert "6.6.6.6" not in ask(relay[0], GET)[1]


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
