"""The view of `trail`: lines out of the store of logs. What was said in them is hostile text."""

from __future__ import annotations

from typing import TypedDict

from moothall.failures import FAILED
from moothall.model.outcome import Report
from moothall.model.planned import Plan
from moothall.verify.trail import Reply

KIND = "trail"


class LineView(TypedDict):
    """A line: its number in the chain, when it came (ISO 8601), from whom, and what was said."""

    number: int
    at: str
    sender: str
    line: str


class TrailView(TypedDict):
    """The lines from `since` on, of one council or of all; older ones that were `leftOut`, and what is wrong with the
    chain that they are from."""

    schemaVersion: int
    partnership: str
    council: str | None
    since: str
    lines: list[LineView]
    leftOut: int
    problems: list[str]


def answer(plan: Plan, council: str | None, since: str, reply: Reply, problems: list[str]) -> Report:
    """Return the lines; the exit code says whether the chain is whole."""
    view: TrailView = {
        "schemaVersion": 1,
        "partnership": plan.partnership,
        "council": council,
        "since": since,
        "lines": [{"number": e.number, "at": e.at, "sender": e.sender, "line": e.line} for e in reply.entries],
        "leftOut": reply.count - len(reply.entries),
        "problems": problems,
    }
    return Report(KIND, view, FAILED if problems else 0)
