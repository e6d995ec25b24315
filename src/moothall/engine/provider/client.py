"""Connections to Docker engines, and their errors in our words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import docker
import requests
import urllib3
from docker.errors import APIError, DockerException

from moothall.docker_engine.connect import open_client
from moothall.engine.errors import EngineUnreachable, Unsupported
from moothall.engine.provider.port import EngineAddress, StepFailed
from moothall.model.engines import Endpoint

SECONDS_FOR_A_CALL = 120
MUTATIONS_AT_ONCE = 4

_clients: dict[EngineAddress, docker.APIClient] = {}
_opening = threading.Lock()


class _Bound:
    """How many calls that change an engine may be under way in this process."""

    def __init__(self, at_once: int) -> None:
        self.places = threading.Semaphore(at_once)


_mutations = _Bound(MUTATIONS_AT_ONCE)


def limit_mutations(at_once: int) -> None:
    """Bound how many calls that change an engine this process makes at the same time; for calls that begin later."""
    _mutations.places = threading.Semaphore(at_once)


@contextmanager
def mutating(host: str) -> Iterator[None]:
    """One of the calls that change an engine: bounded in number, errors translated."""
    with _mutations.places, calling(host):
        yield


@contextmanager
def calling(host: str) -> Iterator[None]:
    """Translate the SDK's errors: StepFailed when the engine refuses, EngineUnreachable when it does not answer."""
    try:
        yield
    except APIError as error:
        raise StepFailed(str(error.explanation or error)) from error
    except (DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise EngineUnreachable(host, _reason(error)) from error


def client_for(address: EngineAddress) -> docker.APIClient:
    """The client of an engine, shared by the whole process.

    Raises EngineUnreachable, and Unsupported for tcp without certificates, which would be root access for anybody.
    """
    with _opening:
        if address not in _clients:
            with calling(address.host):
                _clients[address] = _open(address)
        return _clients[address]


def _open(address: EngineAddress) -> docker.APIClient:
    scheme = address.host.partition("://")[0]
    if scheme not in ("unix", "ssh", "tcp"):
        raise Unsupported(f"the engine address {address.host}")
    if scheme == "tcp" and not address.cert_path:
        raise Unsupported(f"{address.host} without certificates")
    return open_client(Endpoint(address.host, address.cert_path), timeout=SECONDS_FOR_A_CALL)


def identity(endpoint: Endpoint) -> str:
    """Return by what an engine is known from every other one: the ID in its /info. Raises EngineUnreachable."""
    with calling(endpoint.host):
        return str(client_for(EngineAddress(*endpoint)).info()["ID"])


def _reason(error: BaseException) -> str:
    """The innermost cause, in one line."""
    while inner := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        error = inner
    return (str(error) or type(error).__name__).splitlines()[0]
