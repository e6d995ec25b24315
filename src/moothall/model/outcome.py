"""What came of a verb: an answer that the report room turns into text or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

PASSED = "passed"
FAILED = "failed"
COULD_NOT_RUN = "could-not-run"
SKIPPED = "skipped"


class Answer(NamedTuple):
    """The result of one verb: which kind of view it is, the JSON-able view itself, and the exit code."""

    kind: str
    view: Mapping[str, object]
    exit_code: int = 0


class Stopped(Exception):
    """A verb cannot go on and has this to say instead of its own answer (definitions that are not sound)."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.kind)
        self.answer = answer


class Result(NamedTuple):
    """One thing looked at by `verify` or `doctor`; `detail` says what was found, and for skipped why.

    `mend` is the one command that puts it right, where there is one.
    """

    id: str
    subject: str
    status: str
    detail: str
    seconds: float = 0.0
    mend: str = ""
