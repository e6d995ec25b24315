"""The connection to one engine, and what the engine says about itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, cast

from moothall.docker_engine.client import client_for
from moothall.docker_engine.errors import translate_docker_errors
from moothall.docker_engine.port import EngineObject
from moothall.model.engines import Endpoint

if TYPE_CHECKING:
    from docker import APIClient

COMMAND_SECONDS = 90
"""How long one call to the engine may take, commands in containers included."""


class Connection:
    """The connection to one container engine; made when first needed. Every method raises DockerError."""

    def __init__(self, endpoint: Endpoint | str, seconds: float = COMMAND_SECONDS) -> None:
        """Take the engine's endpoint, or its address where that says all, and how long one call may take.

        Nothing is connected yet.
        """
        self.endpoint = Endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        self.host = self.endpoint.host
        self._seconds = seconds

    @property
    def _client(self) -> APIClient:
        """The SDK's client; raises NotConnected when the engine does not answer."""
        return client_for(self.endpoint, self._seconds)

    def ensure_connected(self) -> None:
        """Connect, if that was not done yet."""
        client_for(self.endpoint, self._seconds)

    def version(self) -> str:
        """Return the engine's version, for example "20.10.24"."""
        with self._answering():
            return str(self._client.version()["Version"])

    def interface(self) -> tuple[int, int]:
        """Return the newest version of the HTTP API that the engine speaks, for example (1, 41)."""
        with self._answering():
            major, minor = str(self._client.version()["ApiVersion"]).split(".")
        return int(major), int(minor)

    def api_version(self) -> tuple[int, int]:
        """Return the version of the HTTP API that this connection uses."""
        major, minor = str(self._client.api_version).split(".")
        return int(major), int(minor)

    def identity(self) -> str:
        """Return the engine's unique ID, from its /info."""
        return str(self._info()["ID"])

    def time(self) -> datetime:
        """Return the time of the engine's machine."""
        return datetime.fromisoformat(self._info()["SystemTime"])

    def folder(self) -> str:
        """Return the folder in which the engine keeps its data, on its own machine."""
        return str(self._info()["DockerRootDir"])

    def _info(self) -> EngineObject:
        with self._answering():
            return cast(EngineObject, self._client.info())

    def _answering(self) -> AbstractContextManager[None]:
        return translate_docker_errors(f"The container engine at {self.host} does not answer")


def translate_stream(what: str, stream: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a stream of the engine; what goes wrong on the way is translated with the sentence `what`."""
    with translate_docker_errors(what):
        yield from stream
