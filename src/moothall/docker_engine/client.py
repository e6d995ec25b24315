"""The clients of this process, one for each engine and deadline, and how many calls may change engines at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from moothall.docker_engine.errors import NotConnected, translate_docker_errors
from moothall.model.engines import Endpoint

if TYPE_CHECKING:
    from docker import APIClient

MUTATIONS_AT_ONCE = 4
CONNECTIONS = 32
"""How many idle connections to one engine are kept."""

_clients: dict[tuple[Endpoint, float], Future[APIClient]] = {}
_clients_lock = threading.Lock()


def client_for(endpoint: Endpoint, seconds: float) -> APIClient:
    """Return the client of an engine whose calls may take so many seconds each; the whole process shares it.

    Whoever asks while it is being opened waits for the same answer; after a failure the next one tries again. Raises
    NotConnected.
    """
    with _clients_lock:
        future = _clients.get((endpoint, seconds))
        is_first = future is None or (future.done() and future.exception() is not None)
        if is_first:
            future = _clients[endpoint, seconds] = Future()
    assert future is not None
    if is_first:
        try:
            future.set_result(_open(endpoint, seconds))
        except BaseException as error:
            future.set_exception(error)
    return future.result()


def _open(endpoint: Endpoint, seconds: float) -> APIClient:
    # A fifth of a second that commands without an engine need not pay.
    from moothall.docker_engine.connect import open_client

    with translate_docker_errors(f"The container engine at {endpoint.host} does not answer", NotConnected):
        return open_client(endpoint, timeout=seconds, max_pool_size=CONNECTIONS)


class _MutationLimit:
    """How many calls that change an engine may be under way in this process."""

    def __init__(self, at_once: int) -> None:
        self.places = threading.Semaphore(at_once)


_mutations = _MutationLimit(MUTATIONS_AT_ONCE)


def limit_mutations(at_once: int) -> None:
    """Bound how many calls that change an engine this process makes at the same time; for calls that begin later."""
    _mutations.places = threading.Semaphore(at_once)


@contextmanager
def mutation() -> Iterator[None]:
    """Be one of the calls that change an engine, which are bounded in number."""
    with _mutations.places:
        yield
