"""Somebody at work in a tenant: Tryton's JSON-RPC at the address that a person would open, certificate checked."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
import urllib.request
from datetime import UTC, datetime
from typing import Any

from tests.live.helpers.running import Place

PATIENCE = 600.0


class Person:
    """The administrator of one council's tenant, logged in."""

    def __init__(self, place: Place, council: str, instance: str = "erp") -> None:
        """Log in with the credentials that `credentials` shows."""
        run = place.run("credentials", council, instance, "--format", "json")
        assert run.code == 0, run
        self._said = run.json
        self._trust = ssl.create_default_context(cadata=self._said["authority"])
        user, token, *_ = self.call("common.db.login", self._said["user"], {"password": self._said["password"]})
        self._session = base64.b64encode(f"{self._said['user']}:{user}:{token}".encode()).decode()

    def call(self, method: str, *params: object) -> Any:
        """Call one method and return its result."""
        session = getattr(self, "_session", "")
        request = urllib.request.Request(
            f"{self._said['localAccessUrl']}{self._said['database']}/rpc/",
            json.dumps({"id": 0, "method": method, "params": params}).encode(),
            {"Content-Type": "application/json", "Authorization": f"Session {session}"},
        )
        said = self._patiently(request)
        assert not (isinstance(said, dict) and said.get("error")), said
        return said["result"] if isinstance(said, dict) else said

    def _patiently(self, request: urllib.request.Request) -> Any:
        """Send a request again while nobody serves it: on a busy machine health checks fail now and then."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(request, timeout=60, context=self._trust) as answer:
                    return json.load(answer)
            except (OSError, http.client.HTTPException):
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def attach(self, name: str, content: bytes) -> int:
        """Attach a file to the user and return its id."""
        data = {"__class__": "bytes", "base64": base64.b64encode(content).decode()}
        [made] = self.call("model.ir.attachment.create", [{"name": name, "resource": "res.user,1", "data": data}], {})
        return int(made)

    def remove(self, attachment: int) -> None:
        """Delete an attached file, as somebody does by mistake."""
        self.call("model.ir.attachment.delete", [attachment], {})

    def attachment(self, name: str) -> int:
        """Return the id of an attached file."""
        [found] = self.call("model.ir.attachment.search", [("name", "=", name)], 0, None, None, {})
        return int(found)

    def files(self) -> dict[str, bytes]:
        """Return the content of every attached file by its name."""
        found = self.call("model.ir.attachment.search_read", [], 0, None, None, ["name", "data"], {})
        return {each["name"]: base64.b64decode(each["data"]["base64"]) for each in found}


def now() -> str:
    """Return the moment as `restore --at` takes it."""
    return datetime.now(UTC).isoformat()
