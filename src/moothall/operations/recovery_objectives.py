"""Recovery objectives: the recovery time and point that were agreed, and whether what was measured kept them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult


@dataclass(frozen=True)
class RecoveryTerms:
    """The shortest recovery time and point, in seconds, that the instance or a tenant has; None without one."""

    time: int | None
    point: int | None


@dataclass(frozen=True)
class RecoveryMeasures:
    """What was measured, in seconds, None where it cannot be told; the words come before each of them in a detail.

    `time` is that from the command to the last login, `point` that whose changes are lost.
    """

    time: float | None
    point: float | None
    time_words: str = ""
    point_words: str = ""


def judge(instance: str, title: str, terms: RecoveryTerms, measures: RecoveryMeasures) -> Iterator[CheckResult]:
    """Yield for each agreed term whether it was kept; `title` is what people call whose terms they are."""
    rows = (
        ("time", terms.time, measures.time, measures.time_words),
        ("point", terms.point, measures.point, measures.point_words),
    )
    for name, agreed_seconds, seconds, words in rows:
        if agreed_seconds is not None:
            subject = f"{title} keeps its agreed recovery {name}"
            yield CheckResult(f"recovery-{name}.{instance}", subject, *_verdict(agreed_seconds, seconds, words))


def _verdict(agreed_seconds: int, seconds: float | None, words: str) -> tuple[str, str]:
    """Return the status and the detail of a term."""
    if seconds is None:
        return COULD_NOT_RUN, f"{agreed_seconds} s were agreed; what it was cannot be told"
    status = PASSED if seconds <= agreed_seconds else FAILED
    return status, f"{words} {seconds:.1f} s, {agreed_seconds} s were agreed".lstrip()
