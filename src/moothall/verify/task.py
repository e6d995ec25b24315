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


def passed(detail: str, seconds: float | None = None) -> Verdict:
    """Return a verdict that all is as it should be."""
    return Verdict(PASSED, detail, seconds)


def failed(detail: str, seconds: float | None = None) -> Verdict:
    """Return a verdict that something is not as it should be."""
    return Verdict(FAILED, detail, seconds)


def judged(wrong: list[str], good: str, seconds: float | None = None) -> Verdict:
    """Return failed with everything that is wrong, or passed with `good` when nothing is."""
    return failed("; ".join(wrong), seconds) if wrong else passed(good, seconds)
