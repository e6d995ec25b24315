"""People who log in again and again while something is done to what serves them."""

from __future__ import annotations

import json
import ssl
import threading
from http.client import HTTPSConnection

from tests.live.helpers.running import Place

TRIES = 2


class Users:
    """Somebody of each council who logs in again and again, on a new connection each time.

    Who is turned away tries again a moment later, as people do: on a busy machine a gateway may take its application
    for gone for a second. Only three refusals in a row are a failure.
    """

    def __init__(self, place: Place) -> None:
        """Begin."""
        self.succeeded = 0
        self.failures: list[str] = []
        self.certificates: set[bytes] = set()
        self._end = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._log_in, args=(place.run("credentials", council, "erp", "--format", "json").json,)
            )
            for council in ("durham", "northumberland")
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Go home."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _log_in(self, how: dict[str, str]) -> None:
        refused = 0
        while not self._end.wait(1.0):
            try:
                self._try(how)
                refused = 0
                self.succeeded += 1
            except (OSError, AssertionError) as error:
                refused += 1
                if refused > TRIES:
                    self.failures.append(repr(error))

    def _try(self, how: dict[str, str]) -> None:
        trust = ssl.create_default_context(cadata=how["authority"])
        address, port = how["localAccessUrl"].split("/")[2].split(":")
        asked = {"id": 0, "method": "common.db.login", "params": [how["user"], {"password": how["password"]}]}
        connection = HTTPSConnection(address, int(port), timeout=30, context=trust)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/{how['database']}/rpc/", json.dumps(asked), headers)
            self.certificates.add(connection.sock.getpeercert(binary_form=True))
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200 and b'"error"' not in said, said
        finally:
            connection.close()
