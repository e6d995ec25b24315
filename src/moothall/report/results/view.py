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
    """One thing looked at; `hint` is the command that puts it right, where there is one."""

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
    results_view = view(results)
    return Report(KIND, results_view, exit_code(results_view["results"]))


def exit_code(results: Sequence[ResultView]) -> int:
    """Return 0 only if nothing failed and everything asked for could run."""
    return OK if all(result["status"] in (PASSED, SKIPPED) for result in results) else EXIT_FAILED


def view(results: Sequence[CheckResult]) -> ResultsView:
    """Return the results as JSON-able data."""
    result_views = [_result(result) for result in results]
    return {"schemaVersion": 1, "results": result_views, "summary": summary(result_views)}


def summary(results: Sequence[ResultView]) -> Summary:
    """Return how many of the results had each outcome."""
    status_counts = Counter(result["status"] for result in results)
    return {
        "passed": status_counts[PASSED],
        "failed": status_counts[FAILED],
        "could-not-run": status_counts[COULD_NOT_RUN],
        "skipped": status_counts[SKIPPED],
    }


def _result(result: CheckResult) -> ResultView:
    result_view: ResultView = {
        "id": result.id,
        "subject": result.subject,
        "status": result.status,
        "detail": result.detail,
        "seconds": result.seconds,
    }
    if result.hint:
        result_view["hint"] = result.hint
    return result_view
