"""Signing in to a tenant as its people do: by local access to its council, with the certificate checked."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from tests.live.helpers.running import Place


class Refused(Exception):
    """The tenant did not answer, or not as it should."""


class LocalAccess(http.client.HTTPSConnection):
    """A connection to the address of local access, under the tenant's own name."""

    def __init__(self, credentials: dict[str, Any], seconds: float) -> None:
        trust = ssl.create_default_context(cadata=credentials["authority"])
        super().__init__(credentials["hostName"], 443, timeout=seconds, context=trust)
        url = urlsplit(credentials["localAccessUrl"])
        self._there = (url.hostname, url.port)
        self._trust = trust

    def connect(self) -> None:
        """Connect to the relay, which answers for the tenant's host name."""
        plain = socket.create_connection(self._there, self.timeout)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


class Tenant:
    """A tenant that an administrator has signed in to."""

    def __init__(self, place: Place, council: str, instance: str, seconds: float = 30) -> None:
        run = place.run("credentials", council, instance, "--format", "json")
        assert run.code == 0, run
        said = run.json
        self._path = f"/{said['database']}/rpc/"
        self._connection = LocalAccess(said, seconds)
        self._session = ""
        user, key, *_ = self.call("common.db.login", said["user"], {"password": said["password"]})
        self._session = base64.b64encode(f"{said['user']}:{user}:{key}".encode()).decode()

    def call(self, method: str, *params: Any) -> Any:
        """Return what a method answers; raises Refused."""
        headers = {"Content-Type": "application/json"}
        if self._session:
            headers["Authorization"] = f"Session {self._session}"
        body = json.dumps({"id": 0, "method": method, "params": params})
        try:
            self._connection.request("POST", self._path, body, headers)
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Refused(f"{method}: {error!r}") from error
        if response.status != 200:
            raise Refused(f"{method}: {response.status} {answer[:200]!r}")
        said = json.loads(answer)
        if isinstance(said, dict) and "error" in said:
            raise Refused(f"{method}: {said['error']}")
        return said["result"] if isinstance(said, dict) else said

    def hurry(self, seconds: float) -> None:
        """Wait for answers no longer than this from now on."""
        self._connection.close()
        self._connection.timeout = seconds

    def create(self, model: str, **values: Any) -> int:
        """Make a record and return its id."""
        return self.call(f"model.{model}.create", [values], {})[0]


def binary(data: bytes) -> dict[str, str]:
    """Return bytes as Tryton's JSON has them."""
    return {"__class__": "bytes", "base64": base64.b64encode(data).decode()}
