"""Calls on a Docker engine as the steps of a stack make them: bounded in number, their errors in the engine's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moothall.docker_engine.client import mutation
from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import DockerError, Refused
from moothall.model.engines import Endpoint
from moothall.pulumi_engine.errors import EngineUnreachable, Unsupported
from moothall.pulumi_engine.provider.port import StepFailed

SECONDS_FOR_A_CALL = 120


@contextmanager
def mutating(host: str) -> Iterator[None]:
    """One of the calls that change an engine: bounded in number, errors translated."""
    with mutation(), calling(host):
        yield


@contextmanager
def calling(host: str) -> Iterator[None]:
    """Translate errors: StepFailed when the engine refuses, EngineUnreachable when it does not answer."""
    try:
        yield
    except Refused as error:
        raise StepFailed(error.detail) from error
    except DockerError as error:
        raise EngineUnreachable(host, error.detail) from error


def engine_at(address: Endpoint) -> Engine:
    """The engine at an address, connected.

    Raises EngineUnreachable, and Unsupported for tcp without certificates, which would be root access for anybody.
    """
    scheme = address.host.partition("://")[0]
    if scheme not in ("unix", "ssh", "tcp"):
        raise Unsupported(f"the engine address {address.host}")
    if scheme == "tcp" and not address.certificates:
        raise Unsupported(f"{address.host} without certificates")
    engine = Engine(address, SECONDS_FOR_A_CALL)
    with calling(address.host):
        engine.ensure_connected()
    return engine


def identity(endpoint: Endpoint) -> str:
    """Return by what an engine is known from every other one: the ID in its /info. Raises EngineUnreachable."""
    engine = engine_at(endpoint)
    with calling(endpoint.host):
        return engine.identity()
