"""An engine that takes a call and never answers it: what could not be done is said, it is no internal error."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import Unreachable
from moothall.docker_engine.one_off import remove
from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint

VERSION = b'{"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(VERSION), VERSION)
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Engine]:
    """An engine that says its version, begins a log, and nothing more."""
    path, held = tmp_path / "engine.sock", list[socket.socket]()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            held.append(caller)
            threading.Thread(target=answer, args=(caller,), daemon=True).start()

    def answer(caller: socket.socket) -> None:
        while asked := caller.recv(65536):
            if b"/version" in asked:
                caller.sendall(ANSWER)
            elif b"/logs" in asked:
                caller.sendall(ENDLESS)

    threading.Thread(target=serve, daemon=True).start()
    yield Engine(Endpoint(f"unix://{path}"), seconds=0.5)
    for each in (listener, *held):
        each.close()


def test_a_probe_that_cannot_be_removed_is_told(silent: Engine) -> None:
    """Its removal is waited for as long as any call, and no longer."""
    with pytest.raises(Inconclusive, match="The probe 0123456789ab cannot be removed: "):
        remove(silent, "0123456789abcdef", "The probe 0123456789ab")


def test_a_stream_that_falls_silent_is_told(silent: Engine) -> None:
    """What lies below `requests` raises errors of its own."""
    with pytest.raises(Unreachable, match="The log of 0123456789abcdef cannot be read: "):
        silent.await_error_output("0123456789abcdef")
