"""One client for an engine and a deadline, opened once however many ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from docker.errors import DockerException

from moothall.docker_engine import client, connect
from moothall.docker_engine.errors import NotConnected
from moothall.model.engines import Endpoint

HERE, THERE = Endpoint("unix:///run/here.sock"), Endpoint("unix:///run/there.sock")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without clients, and leave none."""
    monkeypatch.setattr(client, "_clients", {})


def test_all_who_ask_at_once_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is opened once; another deadline, and another engine, have one of their own."""
    opened = count()
    all_there = threading.Event()

    def open_client(endpoint: Endpoint, **settings: Any) -> tuple[Endpoint, float, int]:
        all_there.wait(10)
        return endpoint, settings["timeout"], next(opened)

    monkeypatch.setattr(connect, "open_client", open_client)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.client_for, HERE, 90) for _ in range(8)]
        all_there.set()
    assert {each.result() for each in asked} == {(HERE, 90, 0)}
    assert client.client_for(HERE, 5) == (HERE, 5, 1)
    assert client.client_for(THERE, 90) == (THERE, 90, 2)
    assert client.client_for(HERE, 90) == (HERE, 90, 0)


def test_a_failure_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine may answer the next time."""
    tries = count()

    def open_client(endpoint: Endpoint, **settings: Any) -> str:
        if not next(tries):
            raise DockerException("not yet")
        return "a client"

    monkeypatch.setattr(connect, "open_client", open_client)
    with pytest.raises(NotConnected, match=r"^The container engine at unix:///run/here.sock does not answer: not yet"):
        client.client_for(HERE, 90)
    assert client.client_for(HERE, 90) == "a client"


def test_calls_that_change_something_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than so many are under way at once."""
    monkeypatch.setattr(client, "_mutations", client._MutationLimit(1))
    client.limit_mutations(2)
    with client.mutation(), client.mutation():
        assert not client._mutations.places.acquire(blocking=False)
    assert client._mutations.places.acquire(blocking=False)
