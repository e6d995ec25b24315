"""The probe: runs in a throw-away container on one council's network and says what can be done from there.

It stands alone (Python 3.11, standard library), for it is copied into the container. Its one argument is the folder
with `order.json` and `ca.crt`; its answer is one line of JSON on standard output, which never holds a secret.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import socket
import ssl
import sys
import time
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.3
SETTLE_SECONDS = 3.0
CALL_SECONDS = 10.0
OPEN_FILES = 500
NOT_YET = (502, 503, 504)


class NotReady(Exception):
    """The tenant does not serve yet; asking again may help."""


class Refused(Exception):
    """The tenant answered, and asking again will not change it."""


class Tenant:
    """One tenant, spoken to over TLS with the partnership's authority and the host name checked."""

    def __init__(self, order: dict[str, Any], trust: ssl.SSLContext) -> None:
        """Take the order: host_name, port, database, login, password, proof_models."""
        self.order = order
        self.session = ""
        self.connection = http.client.HTTPSConnection(
            str(order["host_name"]), order["port"], timeout=CALL_SECONDS, context=trust
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

    def modules(self) -> list[str]:
        """Return the names of the activated Tryton modules."""
        activated = [["state", "=", "activated"]]
        found = self._call("model.ir.module.search_read", [activated, 0, None, None, ["name"], {}])
        return sorted(str(module["name"]) for module in found)

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
    begun = time.monotonic()
    while True:
        tried = time.monotonic()
        try:
            tenant.log_in()
            break
        except Refused as reason:
            return {"outcome": "refused", "detail": str(reason), "seconds": time.monotonic() - tried}
        except NotReady as reason:
            if time.monotonic() + POLL_SECONDS > deadline:
                return {"outcome": "not-ready", "detail": str(reason), "seconds": time.monotonic() - begun}
            time.sleep(POLL_SECONDS)
    seen: dict[str, Any] = {"outcome": "ok", "seconds": time.monotonic() - tried, "waited": tried - begun}
    return seen | questions(tenant, order)


def questions(tenant: Tenant, order: dict[str, Any]) -> dict[str, Any]:
    """Return what `ask` found, the second time if the first was not good: an application that has just been given a
    module answers with errors while it loads its models anew."""
    answers = ask(tenant, order)
    if "detail" in answers or any(answers.get("proofs", {}).values()):
        time.sleep(SETTLE_SECONDS)
        answers = ask(tenant, order)
    tenant.log_out_quietly()
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


async def knock(address: str, port: int, seconds: float) -> str:
    """Return what an address does: open, closes, refused or silent.

    "closes": the connection is made and ended within `seconds` without a byte, as a proxy does that rejects.
    "silent": nothing came back, which is what the engine's isolation between networks looks like.
    """
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), seconds)
    except ConnectionRefusedError:
        return "refused"
    except (TimeoutError, OSError):
        return "silent"
    try:
        return "closes" if await asyncio.wait_for(reader.read(1), seconds) == b"" else "open"
    except TimeoutError:
        return "open"
    except OSError:
        return "closes"
    finally:
        writer.close()


async def sweep(targets: list[list[Any]], seconds: float) -> list[str]:
    """Return what each (address, port) does, in order, all tried at once within the limit of open files."""
    places = asyncio.Semaphore(OPEN_FILES)

    async def one(address: str, port: int) -> str:
        async with places:
            return await knock(address, port, seconds)

    return await asyncio.gather(*(one(str(address), int(port)) for address, port in targets))


async def everything(order: dict[str, Any], trust: ssl.SSLContext) -> dict[str, Any]:
    """Look at all tenants, each in a thread, and sweep the addresses beside it."""
    deadline = time.monotonic() + float(order["deadline_seconds"])
    looks = [asyncio.to_thread(look_at, tenant, trust, deadline) for tenant in order["tenants"]]
    swept, *seen = await asyncio.gather(sweep(order["targets"], float(order["knock_seconds"])), *looks)
    tenants = {tenant["instance"]: answer for tenant, answer in zip(order["tenants"], seen, strict=True)}
    return {"tenants": tenants, "sweep": swept}


def depends(path: Path) -> dict[str, list[str]]:
    """Return the dependency table of the Tryton modules that the image ships, or nothing where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main(folder: Path) -> None:
    """Do what the order says and print the answer."""
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    trust = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    socket.setdefaulttimeout(CALL_SECONDS)
    answer = asyncio.run(everything(order, trust))
    answer["depends"] = depends(Path(order["depends"])) if order["depends"] else {}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
