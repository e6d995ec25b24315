"""The view of results (`verify`, `doctor`): `{schemaVersion, results, summary}`, a fixed contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from moothall.failures import FAILED as EXIT_FAILED
from moothall.failures import OK
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, SKIPPED, Answer, Result

KIND = "results"
OUTCOMES = (PASSED, FAILED, COULD_NOT_RUN, SKIPPED)


def answer(results: Sequence[Result]) -> Answer:
    """Return the results as an answer; its exit code is 0 only if nothing failed and everything asked for could run."""
    good = all(result.status in (PASSED, SKIPPED) for result in results)
    return Answer(KIND, view(results), OK if good else EXIT_FAILED)


def view(results: Sequence[Result]) -> dict[str, object]:
    """Return the results as a JSON-able dict; `seconds` as numbers, `mend` only where there is one."""
    counted = Counter(result.status for result in results)
    return {
        "schemaVersion": 1,
        "results": [_result(result) for result in results],
        "summary": {outcome: counted[outcome] for outcome in OUTCOMES},
    }


def _result(result: Result) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": result.id,
        "subject": result.subject,
        "status": result.status,
        "detail": result.detail,
        "seconds": result.seconds,
    }
    return {**shown, "mend": result.mend} if result.mend else shown
