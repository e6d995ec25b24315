"""Clocks that differ, and engines that are only slow to answer."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from moothall.docker_engine.engine import Engine
from moothall.failures import Inconclusive
from moothall.model.outcome import FAILED, PASSED
from moothall.verify import clocks, host_checks
from moothall.verify.checks.clocks import DATE, _date
from moothall.verify.clocks import ClockOffset, clock_offset, seconds_apart

ENGINE = "/var/run/docker.sock"
TIME = re.compile(rb'("SystemTime":")([^"]{19})')


class Shifted:
    """A door to the real engine at which its clock is some seconds ahead, and which may be slow."""

    def __init__(self, door: Path, seconds: float) -> None:
        """Open the door; requests are passed on, and the time in answers is moved."""
        self.seconds = seconds
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(door))
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(ENGINE)
            threading.Thread(target=pump, args=(caller, engine, bytes), daemon=True).start()
            threading.Thread(target=pump, args=(engine, caller, self._moved), daemon=True).start()

    def _moved(self, answer: bytes) -> bytes:
        def later(match: re.Match[bytes]) -> bytes:
            moved = datetime.fromisoformat(match[2].decode()) + timedelta(seconds=self.seconds)
            return match[1] + moved.strftime("%Y-%m-%dT%H:%M:%S").encode()

        return TIME.sub(later, answer)


def pump(source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
    """Carry bytes from one socket to the other until there are no more, or the other way has ended."""
    with suppress(OSError):
        while data := source.recv(1 << 20):
            target.sendall(change(data))
    target.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Callable[[float], Engine]]:
    """A way to make doors to the engine of this machine."""
    doors: list[Shifted] = []

    def make(seconds: float) -> Engine:
        place = tmp_path / f"{len(doors)}.sock"
        doors.append(Shifted(place, seconds))
        return Engine(f"unix://{place}")

    yield make
    for each in doors:
        each.listener.close()


@pytest.mark.live
@pytest.mark.parametrize(("seconds", "status"), [(0, PASSED), (90, FAILED), (-90, FAILED)])
def test_the_clock_of_an_engine(door: Callable[[float], Engine], seconds: float, status: str) -> None:
    """Ahead or behind, with the sites that it serves."""
    result = host_checks.clock(door(seconds), ("morpeth", "consett"))

    assert result.status == status
    assert "the engine of morpeth, consett" in result.detail


def test_a_slow_answer_is_no_wrong_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came late, by more than clocks may differ, may have been true when it was said."""
    asked = datetime(2026, 11, 28, 12, tzinfo=UTC)
    here = iter([asked, asked + timedelta(seconds=9)])
    monkeypatch.setattr(clocks, "datetime", SimpleNamespace(now=lambda zone: next(here)))

    found = clock_offset(lambda: asked + timedelta(seconds=1))

    assert found == ClockOffset(-8, 1)
    assert seconds_apart(found) == 0


def test_two_clocks_that_both_seem_near() -> None:
    """Each within two seconds of ours, and more than that from each other."""
    early, late = ClockOffset(-1.6, -1.5), ClockOffset(1.5, 1.7)
    assert seconds_apart(early) < 2 < seconds_apart(late, early) == seconds_apart(early, late)


class Saying(Engine):
    """An engine in a container of which `date` says one thing after the other."""

    def __init__(self, *said: str) -> None:
        """Keep what is said."""
        self._said = iter(said)

    def run(self, container: str, command: Sequence[str]) -> tuple[int, str]:
        """Say the next."""
        assert command == DATE
        return 0, next(self._said)


def test_an_answer_that_a_busy_engine_lost_is_asked_for_once_more() -> None:
    """Docker 20.10 does, now and then."""
    assert _date(Saying("", "1210000000.25\n"), "it") == datetime(2008, 5, 5, 15, 6, 40, 250000, UTC)


@pytest.mark.parametrize("said", ["", "soon", "nan", "1e999", "-1e30", "9" * 5000, "[[" * 9000])
def test_a_container_that_says_no_time_is_told(said: str) -> None:
    """Whatever it says instead; another answer is asked for once."""
    with pytest.raises(Inconclusive, match="the clock of it does not say a time"):
        _date(Saying(said, said), "it")
