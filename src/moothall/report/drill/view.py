"""The view of `drill`: what was measured against what was agreed, and each single result."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from moothall.report.results.view import ResultsView

KIND = "drill"


class Recovery(TypedDict):
    """Recovery time and point in seconds; None where none is agreed, or it could not be measured."""

    recoveryTimeSeconds: float | None
    recoveryPointSeconds: float | None


class Leak(TypedDict):
    """At how many doors something stolen was tried, how many of them are open after everything was exchanged, and how
    many seconds that took; None where it did not end."""

    doors: int
    open: int
    seconds: float | None


class DrillView(ResultsView):
    """One drill of an instance or, of a `council`, of its tenant alone; a `leak` is that of the whole partnership.

    `drill` is "failover", "restore" or "leak", `where` "isolated" or "live", `outcome` the worst status of the results,
    `began` and `ended` are ISO 8601, `evidence` the paths of what was written down.
    """

    drill: str
    partnership: str
    instance: str
    council: str | None
    where: str
    outcome: str
    agreed: Recovery
    measured: Recovery
    leak: NotRequired[Leak]
    began: str
    ended: str
    evidence: NotRequired[list[str]]
