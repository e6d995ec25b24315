"""An engine that takes a call and never answers it: what could not be done is said, it is no internal error."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
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
    path, sockets, threads = tmp_path / "engine.sock", list[socket.socket](), list[threading.Thread]()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            sockets.append(caller)
            begin(answer, caller)

    def answer(caller: socket.socket) -> None:
        while asked := caller.recv(65536):
            if b"/version" in asked:
                caller.sendall(ANSWER)
            elif b"/logs" in asked:
                caller.sendall(ENDLESS)

    def begin(task: Callable[..., None], *subjects: socket.socket) -> None:
        threads.append(threading.Thread(target=task, args=subjects, daemon=True))
        threads[-1].start()

    begin(serve)
    yield Engine(Endpoint(f"unix://{path}"), seconds=0.5)
    listener.shutdown(socket.SHUT_RDWR)
    threads[0].join()
    for caller in sockets:
        with suppress(OSError):  # it has hung up
            caller.shutdown(socket.SHUT_RDWR)
    for thread in threads:  # one that still reads would read from whoever is given the number next
        thread.join()
    for each in (listener, *sockets):
        each.close()


def test_a_probe_that_cannot_be_removed_is_told(silent: Engine) -> None:
    """Its removal is waited for as long as any call, and no longer."""
    with pytest.raises(Inconclusive, match="The probe 0123456789ab cannot be removed: "):
        remove(silent, "0123456789abcdef", "The probe 0123456789ab")


def test_a_stream_that_falls_silent_is_told(silent: Engine) -> None:
    """What lies below `requests` raises errors of its own."""
    with pytest.raises(Unreachable, match="The log of 0123456789abcdef cannot be read: "):
        silent.await_error_output("0123456789abcdef")
