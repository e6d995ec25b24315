"""A tenant that is cut over, in memory: its ledger, what the job in its container comes to, and the engine it is on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.fakes.engine import Engine
from tests.fakes.store import Files

from moothall.docker_engine.one_off import ContainerResult
from moothall.failures import REFUSED

JOB = "dales.alston.hill.ledger-cutover"
WORDS = ("/opt/t/bin/python", "-m", "moothall.payloads.ledger_import.program")
AT = "2007-01-01T06:00:00.123456"


class Watched(Engine):
    """An engine on which waiting is a step, too: a job may end while nobody who waits is left."""

    @property
    def steps(self) -> list[str]:
        """The first word of each step."""
        return [step.partition(" ")[0] for step in self.machine.done]

    def wait(self, container: str, seconds: int) -> int:
        """Wait for one."""
        self.machine.step(f"wait for {container}")
        return super().wait(container, seconds)


class Ledger:
    """The ledger in a tenant, as `moothall.payloads.ledger_import.program` treats it.

    `digest` is that of the ledger which was imported, empty where none is; `postings` and `parties` were made since by
    somebody. `hangs` has a job go on running. `done` are the actions that changed something.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Have a tenant without a ledger."""
        self.digest = ""
        self.postings = 0
        self.parties = 0
        self.hangs = False
        self.done: list[str] = []

    def job(self, files: Files) -> ContainerResult | None:
        """Do what the order says; None where that goes on and on."""
        if self.hangs:
            return None
        order = json.loads(files["/cfg/order.json"])
        actions = {"rehearse": self._rehearse, "import": self._import, "look": self._look, "undo": self._undo}
        act: Callable[[dict[str, Any]], ContainerResult] = actions[order["action"]]
        return act(order)

    def _rehearse(self, order: dict[str, Any]) -> ContainerResult:
        return _told("rehearsed", order["ledger"])

    def _import(self, order: dict[str, Any]) -> ContainerResult:
        if not self.digest:
            self.digest = order["digest"]
            self.done.append("import")
            return _told("imported", order["ledger"])
        if self.digest != order["digest"]:
            return _forbidden(f"another extract was imported on {AT}")
        return _told("standing", order["ledger"])

    def _look(self, order: dict[str, Any]) -> ContainerResult:
        if not self.digest:
            return _forbidden("no import stands that could be undone")
        if self.postings:
            return _forbidden(f"{self.postings} postings were made since the import of {AT[:19]}, and would be lost")
        return _told("looked", {}, {"party.party": self.parties} if self.parties else {})

    def _undo(self, order: dict[str, Any]) -> ContainerResult:
        looked = self._look(order)
        if looked.code:
            return looked
        lost = json.loads(looked.out)["lost"]
        self.digest, self.parties = "", 0
        self.done.append("undo")
        return _told("undone", {}, lost)


def _told(state: str, ledger: dict[str, Any], lost: dict[str, int] | None = None) -> ContainerResult:
    journals = ledger.get("journals", [])
    answer = {"state": state, "totals": ledger.get("expected", []), "lost": lost or {}, "at": AT, "seconds": {}}
    answer |= {"moves": len(journals), "lines": sum(len(lines) for *_, lines in journals)}
    return ContainerResult(0, json.dumps(answer), "")


def _forbidden(why: str) -> ContainerResult:
    return ContainerResult(REFUSED, "", f"{why}\n")
