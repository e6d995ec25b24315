"""What `verify` does, as values: tasks to look at something, and verdicts on what was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moothall.model.outcome import FAILED, PASSED

if TYPE_CHECKING:
    from moothall.model.planned import Stack
    from moothall.verify.context import VerifyContext


@dataclass(frozen=True)
class Verdict:
    """What was seen: `passed` or `failed`, in words; `seconds` if the thing itself was timed, else None."""

    status: str
    detail: str
    seconds: float | None = None


@dataclass(frozen=True)
class Task:
    """One thing to look at. `skip` is the reason not to; council, instance and site are what it can be selected by."""

    id: str
    subject: str
    look: Callable[[VerifyContext], Verdict]
    council: str | None = None
    instance: str | None = None
    sites: tuple[str, ...] = ()
    skip: str = ""


def stack_task(kind: str, stack: Stack, subject: str, look: Callable[[VerifyContext], Verdict]) -> Task:
    """Return the task of a kind that looks at a whole stack."""
    return Task(
        id=f"{kind}.{stack.name.partition('.')[2]}",
        subject=subject,
        look=look,
        council=stack.council,
        instance=stack.unit if stack.kind == "instance" else None,
        sites=(stack.site,),
    )


def passed_verdict(detail: str, seconds: float | None = None) -> Verdict:
    """Return a verdict that all is as it should be."""
    return Verdict(PASSED, detail, seconds)


def failed_verdict(detail: str, seconds: float | None = None) -> Verdict:
    """Return a verdict that something is not as it should be."""
    return Verdict(FAILED, detail, seconds)


def verdict_on(problems: list[str], passing_detail: str, seconds: float | None = None) -> Verdict:
    """Return a failed verdict with all problems, or a passed one with `passing_detail` when there are none."""
    return failed_verdict("; ".join(problems), seconds) if problems else passed_verdict(passing_detail, seconds)
