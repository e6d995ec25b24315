"""The probe: runs in a throw-away container on one council's network and says what can be done from there.

It is copied into the container with `tcp_probe`, `roles` and `logins`, and needs nothing else (Python 3.11, and psycopg
where roles or logins are tried). It is given the folder with `order.json` and `ca.crt`, and the name of a signal when
it shall wait for that; its answer is one line of JSON on standard output, which never holds a secret.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import signal
import socket
import ssl
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from moothall.payloads.probe.logins import logins
from moothall.payloads.probe.roles import looks as roles_looked_at
from moothall.payloads.probe.roles import servers_tried
from moothall.payloads.probe.tcp_probe import (
    addresses_v6,
    greetings,
    identity_in,
    lines_said,
    listening,
    resolved,
    swept,
    trusted,
)

HELD_SECONDS = 300
POLL_SECONDS = 0.3
SETTLE_SECONDS = 3.0
CALL_SECONDS = 10.0
LONGER = (1, 3, 9)
"""How much longer each turn is in which what must answer was silent."""
NOT_YET = (404, 502, 503, 504)
"""Answers after which asking again may help; trytond says 404 while its database cannot be reached."""
TOO_MANY = 429
"""What trytond answers to a wrong password too many, and to the right one after it, for `[session] timeout`: 300 s."""
REFUSED = (401, TOO_MANY)
"""What trytond answers to a wrong password."""


class NotReady(Exception):
    """The tenant does not serve yet; asking again may help."""


class Refused(Exception):
    """The tenant answered, and asking again will not change it."""


class Tenant:
    """One tenant, spoken to over TLS with the partnership's authority and the host name checked."""

    def __init__(self, order: dict[str, Any], trust: ssl.SSLContext) -> None:
        """Take the order: host_name, port, database, login, password, proof_models, and perhaps answer_seconds."""
        self.order = order
        self.session = ""
        seconds = order.get("answer_seconds", CALL_SECONDS)
        self.connection = http.client.HTTPSConnection(
            str(order["host_name"]), order["port"], timeout=seconds, context=trust
        )

    def log_in(self) -> None:
        """Log in by JSON-RPC (Tryton 8.0) and keep the session."""
        answer = self._call("common.db.login", [self.order["login"], {"password": self.order["password"]}])
        if not isinstance(answer, list) or len(answer) < 2:
            raise Refused("the login was not accepted")
        plain = f"{self.order['login']}:{answer[0]}:{answer[1]}"
        self.session = "Session " + base64.b64encode(plain.encode()).decode()

    def log_out_quietly(self) -> None:
        """End the session; one that cannot be ended ends by itself."""
        with contextlib.suppress(Refused, NotReady):
            self._call("common.db.logout", [])

    def be_refused(self, name: str) -> str:
        """Try to log in under a name that nobody has, and say what came of it: "refused", or else.

        The name is in the header as well, where gateways look for who somebody claims to be.
        """
        self.session = "Session " + base64.b64encode(f"{name}:0:none".encode()).decode()
        body = json.dumps({"id": 0, "method": "common.db.login", "params": [name, {"password": name}]})
        try:
            status, _ = self._post(body)
        except (OSError, http.client.HTTPException) as error:
            return f"{error.__class__.__name__}: {error}"
        return "refused" if status in REFUSED else f"HTTP status {status}"

    def modules(self) -> list[str]:
        """Return the names of the activated Tryton modules."""
        domain = [["state", "=", "activated"]]
        records = self._call("model.ir.module.search_read", [domain, 0, None, None, ["name"], {}])
        return sorted(str(module["name"]) for module in records)

    def proof(self, model: str) -> str:
        """Return the empty string when the model answers, else why not (an error comes with HTTP 200 too)."""
        try:
            self._call(f"model.{model}.search_count", [[], {}])
        except (Refused, NotReady) as reason:
            return str(reason)
        return ""

    def _call(self, method: str, params: list[Any]) -> Any:
        """Call one method; raises NotReady or Refused."""
        try:
            status, body = self._post(json.dumps({"id": 0, "method": method, "params": params}))
        except ssl.SSLCertVerificationError as error:
            raise Refused(f"its certificate is not accepted: {error.verify_message}") from error
        except (OSError, http.client.HTTPException) as error:
            raise NotReady(f"{self.order['host_name']}: {error.__class__.__name__}: {error}") from error
        if status in NOT_YET:
            raise NotReady(f"{self.order['host_name']} answers {status}")
        return self._result(method, status, body)

    def _result(self, method: str, status: int, body: bytes) -> Any:
        """Return the result in an answer, or raise Refused."""
        if status == TOO_MANY:
            raise Refused(
                f"{method} was answered with HTTP status {status}: too many wrong passwords were tried for "
                f"{self.order['login']}, or from this network; in five minutes this is over"
            )
        if status != 200:
            raise Refused(f"{method} was answered with HTTP status {status}")
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise Refused(f"{method} was not answered with JSON") from error
        if isinstance(answer, dict) and "error" in answer:
            raise Refused(f"{method} gave the error {str(answer['error'])[:200]}")
        return answer["result"] if isinstance(answer, dict) and "result" in answer else answer

    def _post(self, body: str) -> tuple[int, bytes]:
        """Send one request on the tenant's one connection; return status and body.

        A connection that failed is closed, so that the next request makes a new one.
        """
        headers = {"Content-Type": "application/json"}
        if self.session:
            headers["Authorization"] = self.session
        try:
            self.connection.request("POST", f"/{self.order['database']}/rpc/", body, headers)
            response = self.connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise


def look_at(order: dict[str, Any], trust: ssl.SSLContext, deadline: float) -> dict[str, Any]:
    """Return what one tenant answers: outcome (ok, refused, not-ready), detail, seconds, modules, proofs."""
    tenant = Tenant(order, trust)
    start = time.monotonic()
    while True:
        attempt_start = time.monotonic()
        try:
            tenant.log_in()
            break
        except Refused as reason:
            return {"outcome": "refused", "detail": str(reason), "seconds": time.monotonic() - attempt_start}
        except NotReady as reason:
            if time.monotonic() + POLL_SECONDS > deadline:
                return {"outcome": "not-ready", "detail": str(reason), "seconds": time.monotonic() - start}
            time.sleep(POLL_SECONDS)
    answer: dict[str, Any] = {
        "outcome": "ok",
        "seconds": time.monotonic() - attempt_start,
        "waited": attempt_start - start,
    }
    return answer | questions(tenant, order)


def questions(tenant: Tenant, order: dict[str, Any]) -> dict[str, Any]:
    """Return what `ask` found, the second time if the first was not good: an application that has just been given a
    module answers with errors while it loads its models anew."""
    answers = ask(tenant, order)
    if "detail" in answers or any(answers.get("proofs", {}).values()):
        time.sleep(SETTLE_SECONDS)
        answers = ask(tenant, order)
    tenant.log_out_quietly()
    if order.get("plant"):
        answers["planted"] = tenant.be_refused(str(order["plant"]))
    return answers


def ask(tenant: Tenant, order: dict[str, Any]) -> dict[str, Any]:
    """Return the activated modules and the proof of each model asked for; `detail` says why there are none."""
    answers: dict[str, Any] = {}
    try:
        if order["proof_models"]:
            answers["modules"] = tenant.modules()
            answers["proofs"] = {model: tenant.proof(model) for model in order["proof_models"]}
    except (Refused, NotReady) as reason:
        answers["detail"] = str(reason)
    return answers


async def everything(order: dict[str, Any], trust: ssl.SSLContext, place: Path) -> dict[str, Any]:
    """Look at all tenants and roles, each in a thread, and try addresses, names and doors beside it."""
    deadline, patience = time.monotonic() + float(order["deadline_seconds"]), float(order["knock_seconds"])
    identity = identity_in(place)
    turns = tuple(patience * factor for factor in LONGER)
    looks = [asyncio.to_thread(look_at, tenant, trust, deadline) for tenant in order["tenants"]]
    sweep_outcomes, addresses_by_name, greeting_outcomes, role_answers, *tenant_answers = await asyncio.gather(
        swept([*order["targets"], *order["machine"]], order["controls"], turns),
        resolved(order["names"], 2 * patience),
        trusted(partial(greetings, order["greetings"], identity), order["welcomes"], turns),
        asyncio.to_thread(roles_looked_at, order["roles"]),
        *looks,
    )
    target_count = len(order["targets"])
    return {
        "machine": {
            f"{a}:{p}": outcome for (a, p), outcome in zip(order["machine"], sweep_outcomes[target_count:], strict=True)
        },
        "listening": listening() if order["listening"] else {"addresses": [], "ports": []},
        "tenants": {
            tenant["instance"]: answer for tenant, answer in zip(order["tenants"], tenant_answers, strict=True)
        },
        "sweep": sweep_outcomes[:target_count],
        "names": addresses_by_name,
        "greetings": greeting_outcomes,
        "roles": role_answers,
        "servers": await asyncio.to_thread(servers_tried, order, sweep_outcomes, place),
        "logins": await asyncio.to_thread(logins, order, place),
        "lines": await lines_said(order["lines"], identity),
        "addresses_v6": addresses_v6(),
    }


def depends(path: Path) -> dict[str, list[str]]:
    """Return the dependency table of the Tryton modules that the image ships, or nothing where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def held(go: str) -> None:
    """Say on standard error that all is ready, and wait for a signal such as USR1, but not for ever."""
    signals = {getattr(signal, f"SIG{go}")}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # one that comes early is kept
    print("ready", file=sys.stderr, flush=True)
    signal.sigtimedwait(signals, HELD_SECONDS)  # whoever held it may have been killed


def main(place: str, go: str = "") -> None:
    """Do what the order in a folder says, at once or on the signal `go`, and print the answer."""
    folder = Path(place)
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    trust = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    socket.setdefaulttimeout(CALL_SECONDS)
    if go:
        held(go)
    answer = asyncio.run(everything(order, trust, folder))
    answer["depends"] = depends(Path(order["depends"])) if order["depends"] else {}
    print(json.dumps(answer))
