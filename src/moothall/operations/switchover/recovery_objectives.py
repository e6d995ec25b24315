"""What was agreed about recovery against what was measured, as results."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.model.planned import MirrorPlan


def terms(mirror: MirrorPlan, recovery_time: float | None, recovery_point: float | None) -> Iterator[CheckResult]:
    """Yield a result for each recovery term that is agreed.

    `recovery_time` is the time from the command to the last login, `recovery_point` the time whose changes are lost,
    both in seconds; None is what could not be measured.
    """
    measurements = (
        ("recovery-time", mirror.recovery_time_seconds, recovery_time, "the last tenant logged in after"),
        ("recovery-point", mirror.recovery_point_seconds, recovery_point, "changes are lost of"),
    )
    for term, agreed_seconds, seconds, words in measurements:
        if agreed_seconds is not None:
            subject = f"{mirror.title} keeps its agreed {term.replace('-', ' ')}"
            yield CheckResult(f"{term}.{mirror.instance}", subject, *_verdict(agreed_seconds, seconds, words))


def _verdict(agreed_seconds: int, seconds: float | None, words: str) -> tuple[str, str]:
    if seconds is None:
        return COULD_NOT_RUN, f"{agreed_seconds} s were agreed; what it was cannot be told"
    status = PASSED if seconds <= agreed_seconds else FAILED
    return status, f"{words} {seconds:.1f} s, {agreed_seconds} s were agreed"
