"""What was agreed about recovery against what was measured, as results."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import MirrorPlan


def terms(mirror: MirrorPlan, took: float | None, point: float | None) -> Iterator[CheckResult]:
    """Yield a result for each recovery term that is agreed.

    `took` is the time from the command to the last login, `point` the time of whose changes nothing is known, both in
    seconds; None is what could not be measured.
    """
    measured = (
        ("recovery-time", mirror.recovery_time_seconds, took, "the last tenant logged in after"),
        ("recovery-point", mirror.recovery_point_seconds, point, "changes are lost of"),
    )
    for term, agreed, seconds, words in measured:
        if agreed is not None:
            subject = f"{mirror.title} keeps its agreed {term.replace('-', ' ')}"
            yield CheckResult(f"{term}.{mirror.instance}", subject, *_verdict(agreed, seconds, words))


def _verdict(agreed: int, seconds: float | None, words: str) -> tuple[str, str]:
    if seconds is None:
        return COULD_NOT_RUN, f"{agreed} s were agreed; what it was cannot be told"
    status = PASSED if seconds <= agreed else FAILED
    return status, f"{words} {seconds:.1f} s, {agreed} s were agreed"
