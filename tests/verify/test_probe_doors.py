"""The probe's hands: a real door with mutual TLS, a name server that says nothing of what it does not know."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.payloads.probe import tcp_probe

VAULT = DerivingVault({0: b"m" * 32}, "p", agreed=date(2006, 10, 10), as_of=date.today())
STRANGERS = DerivingVault({0: b"s" * 32}, "p", agreed=date(2006, 10, 10), as_of=date.today())
GATEWAY = Certificate("gateway", "gateway", ("gateway",), (), ("server",))


def relay(council: str) -> Certificate:
    """The certificate of a council's relay."""
    return Certificate(f"relay.{council}", f"relay.{council}", (), (), ("client",))


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[int]:
    """The port of a door that wants a certificate of the partnership and serves the relay of Durham alone."""
    pair = tmp_path / "pair.pem"
    pair.write_text(VAULT.certificate(GATEWAY) + VAULT.key(GATEWAY))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    context.load_verify_locations(cadata=VAULT.authority())
    context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(listener, context), daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(plain, server_side=True) as caller:
                subject = caller.getpeercert()["subject"]
                caller.recv(100)
                if (("commonName", "relay.durham"),) in subject:
                    caller.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
                if (("commonName", "relay.patient"),) in subject:
                    caller.recv(100)
        except OSError:
            plain.close()


def shown(folder: Path, leaf: Certificate | None, vault: DerivingVault = VAULT) -> ssl.SSLContext:
    """What a probe shows with this certificate beside its order."""
    (folder / "ca.crt").write_text(VAULT.authority())
    if leaf:
        (folder / "client.pem").write_text(vault.certificate(leaf) + vault.key(leaf))
    return tcp_probe.identity_in(folder)


def said(port: int, identity: ssl.SSLContext) -> str:
    """What the door says."""
    return asyncio.run(tcp_probe.tls_handshake("127.0.0.1", port, "gateway", identity, 5.0))


def test_what_a_gateway_says_to_a_certificate(gateway: int, tmp_path: Path) -> None:
    """Its own relay is served, another's is let go without a byte, a stranger's and none are refused."""
    for name in ("own", "other", "strange", "none"):
        (tmp_path / name).mkdir()
    assert said(gateway, shown(tmp_path / "own", relay("durham"))) == "serves"
    assert said(gateway, shown(tmp_path / "other", relay("dales"))) == "closes"
    # A server that closes with the refusal still unread resets the connection, and the refusal may be lost.
    assert said(gateway, shown(tmp_path / "strange", relay("durham"), STRANGERS)) in ("refused", "closes")
    assert said(gateway, shown(tmp_path / "none", None)) in ("refused", "closes")


def test_what_becomes_of_a_line(gateway: int, tmp_path: Path) -> None:
    """Who is heard is told nothing, and nobody ends the connection; who is not known is sent away at once."""
    identities = {}
    for name, leaf, vault in (
        ("heard", relay("patient"), VAULT),
        ("other", relay("dales"), VAULT),
        ("strange", relay("patient"), STRANGERS),
    ):
        (tmp_path / name).mkdir()
        identities[name] = shown(tmp_path / name, leaf, vault)
    door = ["127.0.0.1", gateway, "gateway", "a line"]
    outcomes = {name: asyncio.run(tcp_probe.lines_said([door], shows)) for name, shows in identities.items()}
    assert (outcomes["heard"], outcomes["other"]) == (["held"], ["closes"])
    assert outcomes["strange"] in (["refused"], ["closes"])


def test_nobody_at_the_door(tmp_path: Path) -> None:
    """A closed port closes, and one that never answers is silent."""
    identity = shown(tmp_path, relay("durham"))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        found = asyncio.run(tcp_probe.tls_handshake("127.0.0.1", mute.getsockname()[1], "gateway", identity, 0.3))
    assert found == "silent"
    assert said(1, identity) == "closes"


def test_names_that_resolve() -> None:
    """A known name with its address; of an unknown one the server says nothing, of a third that there is none."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    threading.Thread(target=_answer, args=(server,), daemon=True).start()
    port = server.getsockname()[1]

    found = asyncio.run(tcp_probe.resolved(("durham.erp.test", "unknown", "none"), 0.5, "127.0.0.1", port))

    server.close()
    assert found == {"durham.erp.test": "10.1.2.3"}


def _answer(server: socket.socket) -> None:
    """Report as RFC 1035 says: the question again, then a record that points to its name."""
    while True:
        try:
            question, caller = server.recvfrom(512)
        except OSError:
            return
        known, none = b"\x06durham\x03erp" in question, b"\x04none" in question
        if known or none:
            head = question[:2] + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1, int(known), 0, 0)
            record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([10, 1, 2, 3])
            server.sendto(head + question[12:] + (record if known else b""), caller)


def test_silence_is_believed_when_what_must_answer_does() -> None:
    """More patience until then, and an end to it."""
    turns: list[float] = []

    async def trying(seconds: float) -> list[str]:
        turns.append(seconds)
        return ["silent", "open" if seconds > 1 else "silent"]

    assert asyncio.run(tcp_probe.trusted(trying, [1], (1, 3, 9))) == ["silent", "open"]
    assert turns == [1, 3]
    turns.clear()
    assert asyncio.run(tcp_probe.trusted(trying, [0], (1, 3, 9)))[0] == "silent"
    assert turns == [1, 3, 9]


def test_a_reached_address_that_falls_silent_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what answered is asked again, and the second answer counts."""
    asked: list[list[list[Any]]] = []

    async def sweep(targets: list[list[Any]], seconds: float) -> list[str]:
        asked.append(targets)
        return ["open", "silent", "open"] if len(asked) == 1 else ["silent", "open"]

    monkeypatch.setattr(tcp_probe, "sweep", sweep)
    found = asyncio.run(tcp_probe.swept([["a", 1], ["b", 2], ["c", 3]], [2], (0.1,)))

    assert found == ["silent", "silent", "open"]
    assert asked[1] == [["a", 1], ["c", 3]]


def test_addresses_beyond_ipv4(tmp_path: Path) -> None:
    """Everything but the loopback's."""
    table = tmp_path / "if_inet6"
    table.write_text(
        "00000000000000000000000000000001 01 80 10 80       lo\nfe8000000000000000425efffe000203 06 40 20 80     eth0\n"
    )
    assert tcp_probe.addresses_v6(table) == ["fe80::42:5eff:fe00:203"]
    assert tcp_probe.addresses_v6(tmp_path / "absent") == []


def test_a_door_that_rejects_is_not_silent() -> None:
    """A proxy that resets what it has just accepted was reached, however soon the reset comes."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_reject, args=(listener,), daemon=True).start()

    async def knocks() -> set[str]:
        port = listener.getsockname()[1]
        return set(await asyncio.gather(*(tcp_probe.connect("127.0.0.1", port, 5.0) for _ in range(100))))

    assert asyncio.run(knocks()) == {"closes"}
    listener.close()


def _reject(listener: socket.socket) -> None:
    """Reset every connection at once, as HAProxy does for a source that it rejects."""
    while True:
        try:
            caller, _ = listener.accept()
        except OSError:
            return
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        caller.close()
