"""Opening a client of a Docker engine, the one way for every room that speaks to one."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.errors import DockerException
from docker.tls import TLSConfig

from moothall.model.engines import Endpoint

OLDEST = "1.41"
"""The HTTP API of engine 20.10, in which an engine is asked for the newest that it speaks."""
KNOCK_SECONDS = 5.0
"""How long a machine may take to accept a connection; an absent one would be waited for much longer."""


def open_client(endpoint: Endpoint, **settings: Any) -> docker.APIClient:
    """Return a client that has been answered; settings are those of the SDK's client.

    Raises what the SDK raises (DockerException, requests' exceptions, OSError), and DockerException for an endpoint
    that does not prove itself, plain tcp or another scheme, or that is none.
    """
    scheme = _scheme(endpoint.host)
    if scheme == "ssh":
        from moothall.docker_engine.ssh import open_over_ssh

        return open_over_ssh(endpoint.host, OLDEST, **settings)
    if scheme == "tcp":
        _knock(endpoint)
        first = _over_tls(endpoint, OLDEST, settings)
        return _over_tls(endpoint, first.version(api_version=False)["ApiVersion"], settings)
    return docker.APIClient(endpoint.host, version="auto", **settings)


def _scheme(host: str) -> str:
    """Return how an endpoint is reached. Raises DockerException for one whose host or port cannot be read."""
    try:
        parts = urlsplit(host)
        parts.port  # noqa: B018  # it is worked out when it is asked for
    except ValueError as error:
        raise DockerException(f"this is no endpoint: {error}") from error
    return parts.scheme


def _over_tls(endpoint: Endpoint, version: str, settings: dict[str, Any]) -> docker.APIClient:
    """Return a client that holds the engine to its own authority, and to that alone.

    With REQUESTS_CA_BUNDLE in the environment requests would believe every authority in there, whatever the session
    says (https://github.com/psf/requests/issues/3829); so it is told not to look before it makes its first call.
    """
    client = docker.APIClient(endpoint.host, version=version, tls=_tls(Path(endpoint.certificates)), **settings)
    client.trust_env = False
    return client


def _knock(endpoint: Endpoint) -> None:
    if not endpoint.certificates:
        raise DockerException("tcp without certificates is not used")
    parts = urlsplit(endpoint.host)
    socket.create_connection((str(parts.hostname), parts.port or 2376), KNOCK_SECONDS).close()


def _tls(folder: Path) -> TLSConfig:
    """Mutual TLS from the three files that `DOCKER_CERT_PATH` is known for."""
    pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
    return TLSConfig(client_cert=pair, ca_cert=str(folder / "ca.pem"), verify=True)
