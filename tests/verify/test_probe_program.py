"""The probe's own judgement, against a real TLS server with the vault's certificates on this machine.

The server speaks as much of Tryton's JSON-RPC as the probe uses; that Tryton does so too is proved on the running
partnership.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.payloads.probe import program, tcp_probe

VAULT = DerivingVault({0: b"m" * 32}, "p", agreed=date(2006, 10, 10), as_of=date.today())
PASSWORD = "right-password"
Report = tuple[int, object]


class Server:
    """A TLS server on a free loopback port whose answers a test can change."""

    def __init__(self, folder: Path, host_name: str) -> None:
        """Start serving with a certificate for `host_name`."""
        leaf = Certificate("user", host_name, (host_name,), (), ("server",))
        pair = folder / "pair.pem"
        pair.write_text(VAULT.certificate(leaf) + VAULT.key(leaf))
        self.called: list[str] = []
        self.answer: Callable[[str, list[Any]], Report] = tryton
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.called.append(f"{self.path} {request['method']}")
                status, result = server.answer(request["method"], request["params"])
                body = json.dumps(result).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words: object) -> None:
                """Say nothing on stderr."""

        return Handler


def tryton(method: str, params: list[Any]) -> Report:
    """Report as Tryton 8.0 does."""
    if method == "common.db.login":
        return (200, {"result": [1, "token", None]}) if params[1]["password"] == PASSWORD else (401, None)
    if method == "model.ir.module.search_read":
        return 200, {"result": [{"name": "res"}, {"name": "ir"}]}
    if method == "model.gone.search_count":
        return 200, {"error": ["'gone'", ""]}
    return 200, {"result": 7}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a server named localhost."""
    made = Server(tmp_path, "localhost")
    yield made
    made.close()


def trust(tmp_path: Path) -> ssl.SSLContext:
    """Return what a probe trusts: the partnership's authority and nothing else."""
    (tmp_path / "ca.crt").write_text(VAULT.authority())
    return ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))


def order(port: int, **changes: object) -> dict[str, Any]:
    """Return an order to log in to a server on this machine."""
    tenant = {"instance": "erp", "host_name": "localhost", "port": port, "database": "durham", "login": "admin"}
    return {**tenant, "password": PASSWORD, "proof_models": ["account.move"], **changes}


def look(tmp_path: Path, order: dict[str, Any], seconds: float = 0.0) -> dict[str, Any]:
    """Have the probe look at one tenant, for so many seconds at most."""
    return program.look_at(order, trust(tmp_path), time.monotonic() + seconds)


def test_a_login_with_everything(server: Server, tmp_path: Path) -> None:
    """Logs in, reads the modules, asks for each model, logs out."""
    seen = look(tmp_path, order(server.port, proof_models=["account.move", "gone"]))
    assert seen["outcome"] == "ok"
    assert seen["modules"] == ["ir", "res"]
    assert seen["proofs"] == {"account.move": "", "gone": "model.gone.search_count gave the error [\"'gone'\", '']"}
    assert server.called[0] == "/durham/rpc/ common.db.login"
    assert server.called[-1] == "/durham/rpc/ common.db.logout"
    assert PASSWORD not in json.dumps(seen)
    assert "token" not in json.dumps(seen)


def test_a_login_alone(server: Server, tmp_path: Path) -> None:
    """Without models to prove, only in and out."""
    look(tmp_path, order(server.port, proof_models=[]))
    assert server.called == ["/durham/rpc/ common.db.login", "/durham/rpc/ common.db.logout"]


def test_a_wrong_password_is_not_tried_again(server: Server, tmp_path: Path) -> None:
    """Tryton counts attempts, and the answer will not change."""
    seen = look(tmp_path, order(server.port, password="wrong"), seconds=30)
    assert (seen["outcome"], len(server.called)) == ("refused", 1)
    assert "401" in seen["detail"]


def test_a_server_that_is_not_ready_yet_is_asked_again(server: Server, tmp_path: Path) -> None:
    """The gateway says 503 while its application starts."""

    def starting(method: str, params: list[Any]) -> Report:
        return (503, None) if len(server.called) < 3 else tryton(method, params)

    server.answer = starting
    assert look(tmp_path, order(server.port), seconds=30)["outcome"] == "ok"
    assert server.called[:3] == ["/durham/rpc/ common.db.login"] * 3


def test_an_answer_that_is_waited_for_is_not_asked_for_twice(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password is counted when it comes, however late the answer is."""

    def slow(method: str, params: list[Any]) -> Report:
        time.sleep(1.5)
        return tryton(method, params)

    server.answer = slow
    monkeypatch.setattr(program, "CALL_SECONDS", 0.5)
    hasty = look(tmp_path, order(server.port, password="wrong"))
    asked = len(server.called)
    patient = look(tmp_path, order(server.port, password="wrong", answer_seconds=30))
    assert (hasty["outcome"], patient["outcome"]) == ("not-ready", "refused")
    assert len(server.called) == asked + 1


def test_nobody_listens(tmp_path: Path) -> None:
    """Until the deadline that may still change; then it is said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        seen = look(tmp_path, order(free.getsockname()[1]))
    assert seen["outcome"] == "not-ready"
    assert "ConnectionRefusedError" in seen["detail"]


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    """At once, for it is no matter of waiting."""
    other = Server(tmp_path, "derwentside.erp.test")
    try:
        seen = look(tmp_path, order(other.port), seconds=30)
    finally:
        other.close()
    assert seen["outcome"] == "refused"
    assert "certificate is not accepted" in seen["detail"]
    assert other.called == []


def test_a_certificate_of_another_authority_is_refused(server: Server, tmp_path: Path) -> None:
    """No password is sent to somebody unknown."""
    stranger = DerivingVault({0: b"s" * 32}, "p", agreed=date(2006, 10, 10), as_of=date.today())
    (tmp_path / "stranger.crt").write_text(stranger.authority())
    context = ssl.create_default_context(cafile=str(tmp_path / "stranger.crt"))
    seen = program.look_at(order(server.port), context, time.monotonic() + 30)
    assert seen["outcome"] == "refused"
    assert server.called == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {"error": ["AccessError", ""]}), "gave the error"),
        ((403, None), "HTTP status 403"),
        ((429, None), "too many wrong passwords were tried for admin"),
        ((200, {"result": None}), "not accepted"),
    ],
)
def test_other_answers_to_a_login_are_refusals(server: Server, tmp_path: Path, answer: Report, said: str) -> None:
    """With what was answered."""
    server.answer = lambda method, params: answer
    seen = look(tmp_path, order(server.port), seconds=30)
    assert seen["outcome"] == "refused"
    assert said in seen["detail"]


def knocked(greeting: Callable[[socket.socket], None]) -> str:
    """Return what a knock says of a listener that does `greeting` with whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: greeting(listener.accept()[0]), daemon=True).start()
        return asyncio.run(tcp_probe.connect("127.0.0.1", listener.getsockname()[1], 0.5))


def test_knocks() -> None:
    """A listener that speaks or waits is open; one that hangs up closes; none at all refuses."""
    kept: list[socket.socket] = []
    assert knocked(lambda peer: peer.sendall(b"x")) == "open"
    assert knocked(kept.append) == "open"
    assert knocked(lambda peer: peer.close()) == "closes"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert asyncio.run(tcp_probe.connect("127.0.0.1", free.getsockname()[1], 0.5)) == "refused"
