"""The view of `state repair`: what is wrong with a state, what it could be restored from, and what was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from moothall.pulumi_engine.state.repair import Candidate

KIND = "repair"


class CandidateView(TypedDict):
    """A file that could be the state, when it was written (RFC 3339), and what is wrong with it, empty if nothing."""

    what: str
    file: str
    time: str
    wrong: str
    resources: int


class RepairView(TypedDict):
    """The state of a stack and its old versions, the newest first.

    `restored` is the version that is the state now, and `aside` the path at which what was there is kept, if any.
    """

    schemaVersion: int
    stack: str
    state: CandidateView
    versions: list[CandidateView]
    restored: str | None
    aside: str | None


def view(stack: str, state: Candidate, others: Iterable[Candidate]) -> RepairView:
    """Return the view of a state, and of what it could be restored from, of which nothing was restored yet."""
    return {
        "schemaVersion": 1,
        "stack": stack,
        "state": _candidate(state),
        "versions": [_candidate(candidate) for candidate in others],
        "restored": None,
        "aside": None,
    }


def _candidate(candidate: Candidate) -> CandidateView:
    return {
        "what": candidate.what,
        "file": str(candidate.path),
        "time": candidate.time,
        "wrong": candidate.wrong,
        "resources": candidate.resources,
    }
