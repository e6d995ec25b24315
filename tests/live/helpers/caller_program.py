"""A user of a tenant, in a container on the council's own network: logs in again and again, or posts a journal.

Called as `caller_program.py FOLDER log-in SECONDS-BETWEEN` or `caller_program.py FOLDER post`; FOLDER holds
`credentials.json`, as `moothall credentials` writes it, and `ca.crt`. Standard library only.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
import time
from pathlib import Path

STOP = Path("/tmp/stop")
FOUND = Path("/tmp/found")


class Session:
    """One connection over TLS, and one login."""

    def __init__(self, folder):
        """Connect and log in by JSON-RPC."""
        self.who = json.loads((folder / "credentials.json").read_text())
        trust = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        self.connection = http.client.HTTPSConnection(self.who["hostName"], 443, timeout=60, context=trust)
        self.headers = {"Content-Type": "application/json"}
        user, token, *_ = self.call("common.db.login", self.who["user"], {"password": self.who["password"]})
        plain = f"{self.who['user']}:{user}:{token}"
        self.headers["Authorization"] = "Session " + base64.b64encode(plain.encode()).decode()

    def call(self, method, *params):
        """Call a method and return its result."""
        body = json.dumps({"id": 0, "method": method, "params": params})
        self.connection.request("POST", f"/{self.who['database']}/rpc/", body, self.headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        if response.status != 200:
            raise OSError(f"HTTP {response.status}")
        answer = json.loads(text)
        if isinstance(answer, dict) and "error" in answer:
            raise OSError(f"{method}: {str(answer['error'])[:300]}")
        return answer["result"] if isinstance(answer, dict) and "result" in answer else answer


def log_in(folder, pause):
    """Log in on a new connection until told to stop; write a line for each try: begun, ended, what went wrong."""
    with FOUND.open("w") as found:
        while not STOP.exists():
            begun, wrong = time.time(), ""
            try:
                Session(folder).connection.close()
            except (OSError, http.client.HTTPException, ValueError) as error:
                wrong = f"{type(error).__name__}: {error}"
            print(json.dumps([begun, time.time(), wrong]), file=found, flush=True)
            time.sleep(pause)


def post(folder):
    """Post one journal of a pound, as anybody with a browser might."""
    session = Session(folder)
    context = session.call("model.res.user.get_preferences", True, {})
    context = {"company": context["company"]}
    accounts = session.call("model.account.account.search", [["closed", "=", False]], 0, 2, None, context)
    [period] = session.call("model.account.period.search_read", [], 0, 1, None, ["start_date"], context)
    [journal] = session.call("model.account.journal.search", [["code", "=", "CUTOVER"]], 0, 1, None, context)
    pound, nothing = ({"__class__": "Decimal", "decimal": text} for text in ("1.00", "0.00"))
    lines = [
        {"account": accounts[0], "debit": pound, "credit": nothing},
        {"account": accounts[1], "debit": nothing, "credit": pound},
    ]
    move = {"period": period["id"], "date": period["start_date"], "journal": journal, "lines": [["create", lines]]}
    [made] = session.call("model.account.move.create", [move | {"company": context["company"]}], context)
    session.call("model.account.move.post", [made], context)


if __name__ == "__main__":
    _, place, deed, *rest = sys.argv
    if deed == "post":
        post(Path(place))
    else:
        log_in(Path(place), float(rest[0]))
