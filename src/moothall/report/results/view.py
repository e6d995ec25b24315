"""The view of results (`verify`, `doctor`): `{schemaVersion, results, summary}`, a fixed contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NotRequired, TypedDict

from moothall.failures import FAILED as EXIT_FAILED
from moothall.failures import OK
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, SKIPPED, CheckResult, Report

KIND = "results"


class ResultView(TypedDict):
    """One thing looked at; `mend` is the command that puts it right, where there is one."""

    id: str
    subject: str
    status: str
    detail: str
    seconds: float
    hint: NotRequired[str]


Summary = TypedDict("Summary", {"passed": int, "failed": int, "could-not-run": int, "skipped": int})
"""How many results had each outcome."""


class ResultsView(TypedDict):
    """What was looked at, and how many had which outcome."""

    schemaVersion: int
    results: list[ResultView]
    summary: Summary


def answer(results: Sequence[CheckResult]) -> Report:
    """Return the results as an answer; its exit code is 0 only if nothing failed and everything asked for could run."""
    shown = view(results)
    return Report(KIND, shown, exit_code(shown["results"]))


def exit_code(results: Sequence[ResultView]) -> int:
    """Return 0 only if nothing failed and everything asked for could run."""
    return OK if all(result["status"] in (PASSED, SKIPPED) for result in results) else EXIT_FAILED


def view(results: Sequence[CheckResult]) -> ResultsView:
    """Return the results as JSON-able data."""
    shown = [_result(result) for result in results]
    return {"schemaVersion": 1, "results": shown, "summary": summary(shown)}


def summary(results: Sequence[ResultView]) -> Summary:
    """Return how many of the results had each outcome."""
    counted = Counter(result["status"] for result in results)
    return {
        "passed": counted[PASSED],
        "failed": counted[FAILED],
        "could-not-run": counted[COULD_NOT_RUN],
        "skipped": counted[SKIPPED],
    }


def _result(result: CheckResult) -> ResultView:
    shown: ResultView = {
        "id": result.id,
        "subject": result.subject,
        "status": result.status,
        "detail": result.detail,
        "seconds": result.seconds,
    }
    if result.hint:
        shown["hint"] = result.hint
    return shown
