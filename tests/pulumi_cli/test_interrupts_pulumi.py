"""A backend that never answers, and interrupts: nobody waits longer than was said, and no CLI is left behind."""

from __future__ import annotations

import math
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pulumi_cli.real_pulumi import SharedMemory, cli_of
from tests.pulumi_engine.memory_engine import MemoryLab
from tests.waiting import PATIENCE, wait_until

from moothall.failures import INTERRUPTED
from moothall.processes import start_ticks
from moothall.pulumi_cli import Installation, Pulumi
from moothall.pulumi_engine.errors import EngineError, Interrupted

pytestmark = pytest.mark.pulumi


@pytest.fixture
def lab(shared: SharedMemory, tmp_path: Path) -> MemoryLab:
    """A lab that both engines work on."""
    made = MemoryLab(tmp_path / "state")
    shared.use(made)
    return made


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that lets everybody in and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


def backend(server: socket.socket) -> str:
    """The server as a backend."""
    return f"postgres://me:hunter2@127.0.0.1:{server.getsockname()[1]}/states?sslmode=disable"


def test_a_backend_that_never_answers_is_given_up(shared: SharedMemory, lab: MemoryLab, silent: socket.socket) -> None:
    """After the time that one may take to say what it holds, in a sentence that says so."""
    hurried = Pulumi(shared.pulumi.installation, backend(silent), seconds=2)

    with pytest.raises(EngineError, match="did not answer within 2 s") as given_up:
        hurried.survey("bench", lab.backend)

    assert "hunter2" not in repr(given_up.value)


def test_a_cli_that_hears_no_interrupt_is_given_up_too(
    shared: SharedMemory, lab: MemoryLab, silent: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a shell has put us into the background; it has no steps under way for which it should be left."""
    monkeypatch.setattr("moothall.pulumi_cli.command.GRACE", math.inf)
    deaf = tmp_path / "bin" / "pulumi"
    deaf.parent.mkdir()
    deaf.write_text(f"#!/bin/sh\ntrap '' INT\nexec {shared.pulumi.installation.program} \"$@\"\n")
    deaf.chmod(0o755)
    hurried = Pulumi(Installation(deaf, shared.pulumi.installation.plugins), backend(silent), seconds=2)

    def ask() -> None:
        with pytest.raises(EngineError, match="did not answer within 2 s"):
            hurried.survey("bench", lab.backend)
        given_up.set()

    given_up = threading.Event()
    threading.Thread(target=ask, daemon=True).start()

    assert given_up.wait(PATIENCE)


def test_who_waits_for_a_backend_hears_the_first_interrupt(
    shared: SharedMemory, lab: MemoryLab, silent: socket.socket
) -> None:
    """Nothing was begun, and that is said."""
    stop = threading.Event()
    threading.Thread(target=lambda: (silent.accept(), stop.set())).start()

    with pytest.raises(Interrupted) as interrupted:
        Pulumi(shared.pulumi.installation, backend(silent)).survey("bench", lab.backend, stop=stop)

    assert interrupted.value.exit_code == INTERRUPTED


@pytest.mark.parametrize("verb", ["up", "preview"])
def test_one_interrupt_is_enough_while_a_backend_says_nothing(
    shared: SharedMemory, lab: MemoryLab, silent: socket.socket, verb: str
) -> None:
    """Also of `preview`, which no verb interrupts gently. The CLI asks with one connection: with more it would wait
    for itself."""
    moothall = shared.started(lab, backend(silent), verb)
    connection, _ = silent.accept()
    cli = cli_of(moothall.pid)
    assert b"\0PULUMI_DIY_BACKEND_PARALLEL=1\0" in Path(f"/proc/{cli}/environ").read_bytes()

    moothall.send_signal(signal.SIGINT)
    told = moothall.communicate(timeout=PATIENCE)[1]

    assert ("Interrupted" if verb == "up" else "KeyboardInterrupt") in told
    wait_until(lambda: start_ticks(cli) is None)
    connection.close()


def test_two_interrupts_leave_no_cli(shared: SharedMemory, lab: MemoryLab) -> None:
    """Though a step is under way that does not end."""
    shared.hold(lab)
    moothall = shared.started(lab)
    wait_until(lambda: shared.held, moothall.poll)
    cli = cli_of(moothall.pid)

    moothall.send_signal(signal.SIGINT)
    wait_until(shared.cancelled.is_set)
    moothall.send_signal(signal.SIGINT)
    moothall.communicate(timeout=PATIENCE)

    assert moothall.returncode == -signal.SIGINT
    wait_until(lambda: start_ticks(cli) is None)
    shared.let_go()


def test_a_cli_that_is_killed_leaves_nothing_that_is_waited_for(shared: SharedMemory, lab: MemoryLab) -> None:
    """As by the kernel where memory is short: that is said, and what was under way."""
    shared.hold(lab)
    moothall = shared.started(lab)
    wait_until(lambda: shared.held, moothall.poll)
    subprocess.run(["kill", "-9", str(cli_of(moothall.pid))], check=True)

    out, err = moothall.communicate(timeout=PATIENCE)
    shared.let_go()

    assert out == (
        "failed\n"
        "Pulumi's CLI was killed from outside (signal 9): is memory short?\n"
        "first: it had begun, and nothing more was heard of it\n"
    )
    assert "Warning" not in err
