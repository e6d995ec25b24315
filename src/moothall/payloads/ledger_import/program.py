"""Rehearse, import, look at or undo a cut-over, as /cfg/order.json says.

The answer is one line of JSON on standard output. Exit codes: 0 there is an answer, 1 the job could not be done,
4 it must not be done (another ledger is imported, somebody has posted); then standard error says why in one line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from tenant import content, server
from tenant.wanted import Refused

from moothall.payloads.ledger_import import databases, ledger, tryton

ORDER = Path("/cfg/order.json")
_FORBIDDEN = 4
_NOTHING: dict[str, Any] = {"totals": [], "moves": 0, "lines": 0}


class Forbidden(Exception):
    """What stands must not be touched; the text says why, in one line."""


class Job:
    """One order on one tenant, which is held for as long as it takes."""

    def __init__(self, order: dict[str, Any], provisioner: psycopg.Connection) -> None:
        """Take the order and the connection that holds the tenant."""
        self.order = order
        self.tenant: str = order["tenant"]
        self.provisioner = provisioner
        self.seconds: dict[str, float] = {}

    def rehearse(self) -> dict[str, Any]:
        """Import into a copy of the tenant's database, which is dropped."""
        with self._timer("copy"):
            copy = databases.copy(self.provisioner, self.tenant, databases.REHEARSAL)
        try:
            with databases.door(self.provisioner, self.tenant, copy):
                return self._import(copy, "rehearsed", {})
        finally:
            databases.drop(self.provisioner, copy)

    def carry_over(self) -> dict[str, Any]:
        """Import into the tenant, once a copy of its database from before is put aside. A failure leaves nothing."""
        for name in (databases.REHEARSAL, databases.UNDONE):
            databases.drop(self.provisioner, databases.beside(self.tenant, name))
        if note := self._note():
            return self._read_standing(note)
        copy_time = databases.now(self.provisioner)
        with self._timer("copy"):
            before = databases.copy(self.provisioner, self.tenant, databases.BEFORE)
            databases.allow_note(self.provisioner, self.tenant)
        try:
            return self._import(self.tenant, "imported", {"digest": self.order["digest"], "copied": copy_time})
        finally:
            if not self._note():
                databases.drop(self.provisioner, before)

    def look(self) -> dict[str, Any]:
        """Say which import stands, and what happened since. Raises Forbidden when somebody has posted."""
        note = self._note()
        if not note:
            raise Forbidden("no import stands that could be undone")
        since = tryton.changed(*_moments(note))
        self._load(self.tenant)
        posted_count, lost_counts = tryton.work(self.tenant, lambda _: (ledger.posted(since), tryton.counted(since)))
        _check_nobody_posted(posted_count, note)
        return {**_NOTHING, "state": "looked", "lost": lost_counts, "at": note["at"]}

    def undo(self) -> dict[str, Any]:
        """Put the database from before the import back, unless anything was posted since."""
        answer = self.look()
        note = self._note() or {}
        with self._timer("exchange"):
            posted_count = databases.put_back(self.provisioner, self.tenant, *_moments(note))
        _check_nobody_posted(posted_count, note)
        return {**answer, "state": "undone"}

    def _import(self, database: str, state: str, note: dict[str, Any]) -> dict[str, Any]:
        """Import in one transaction, which is committed only if the totals are those expected.

        The note on the copy from before, by which the import is known to stand, is part of the same transaction.
        """
        self._load(database)

        def action(transaction: Any) -> dict[str, Any]:
            start_time = databases.now(transaction.connection)
            with self._timer("import"):
                ledger.load(self.order["ledger"])
            with self._timer("read back"):
                answer = self._read(state, start_time)
            if answer["totals"] != self.order["ledger"]["expected"]:
                return answer | {"state": "differs"}
            if note:
                text = json.dumps({**note, "at": start_time})
                server.mark(transaction.connection, databases.beside(self.tenant, databases.BEFORE), text)
            transaction.commit()
            return answer

        return tryton.work(database, action)

    def _read_standing(self, note: dict[str, Any]) -> dict[str, Any]:
        """Read back what an earlier run imported. Raises Forbidden when it was another ledger."""
        if note["digest"] != self.order["digest"]:
            raise Forbidden(f"another extract was imported on {note['at']}")
        self._load(self.tenant)
        with self._timer("read back"):
            return tryton.work(self.tenant, lambda _: self._read("standing", note["at"]))

    def _load(self, database: str) -> None:
        with self._timer("load Tryton"):
            tryton.load(database)

    def _read(self, state: str, start_time: str) -> dict[str, Any]:
        moves, lines = ledger.counted()
        return {"state": state, "totals": ledger.totals(), "moves": moves, "lines": lines, "lost": {}, "at": start_time}

    def _note(self) -> dict[str, Any] | None:
        """Return the note of the import that stands, None when there is none."""
        text = server.state(self.provisioner, databases.beside(self.tenant, databases.BEFORE)) or ""
        return json.loads(text) if text.startswith("{") else None

    @contextmanager
    def _timer(self, what: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[what] = round(time.monotonic() - start, 3)


def _moments(note: dict[str, Any]) -> tuple[datetime, datetime]:
    """Return when the copy from before was made, and when the transaction of the import began."""
    return datetime.fromisoformat(note["copied"]), datetime.fromisoformat(note["at"])


def _check_nobody_posted(count: int, note: dict[str, Any]) -> None:
    if count:
        raise Forbidden(f"{count} postings were made since the import of {note['at'][:19]}, and would be lost")


def main() -> int:
    """Do what the order says and print the answer."""
    order = json.loads(ORDER.read_text(encoding="utf-8"))
    content.passfile(databases.PASSWORD.read_text(encoding="utf-8").strip())  # where Tryton is told to look for it
    try:
        with databases.holding(order["tenant"]) as provisioner:
            job = Job(order, provisioner)
            actions = {"rehearse": job.rehearse, "import": job.carry_over, "look": job.look, "undo": job.undo}
            answer = actions[order["action"]]()
    except Forbidden as forbidden:
        print(forbidden, file=sys.stderr)
        return _FORBIDDEN
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    except psycopg.Error as error:
        print(f"the database reported: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print(json.dumps(answer | {"seconds": job.seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
