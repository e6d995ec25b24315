"""What came of a verb: an answer that the report room turns into text or JSON."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from moothall.source import Span

PASSED = "passed"
FAILED = "failed"
COULD_NOT_RUN = "could-not-run"
SKIPPED = "skipped"


class Report(NamedTuple):
    """The result of one verb: which kind of view it is, the JSON-able view itself, and the exit code."""

    kind: str
    view: Mapping[str, object]
    exit_code: int = 0


class InvalidDefinitions(Exception):
    """A verb cannot go on and has this to say instead of its own answer (definitions that are not sound)."""

    def __init__(self, answer: Report) -> None:
        super().__init__(answer.kind)
        self.answer = answer


class CheckResult(NamedTuple):
    """One thing looked at by `verify` or `doctor`; `detail` says what was found, and for skipped why.

    `hint` is the one command that puts it right, where there is one.
    """

    id: str
    subject: str
    status: str
    detail: str
    seconds: float = 0.0
    hint: str = ""


class SourcedValue(NamedTuple):
    """A value, the level that says it, and where; a default stands in no file."""

    value: object
    level: str
    span: Span | None


class Explanation(NamedTuple):
    """One value of a council by its path in the file's `spec`, and what it overrode, the nearest first."""

    path: str
    effective_value: SourcedValue
    overridden_values: tuple[SourcedValue, ...]


class Event(NamedTuple):
    """Something that falls on a day: what it is, whom it concerns, and where it is written.

    `due` is something to be done by the day; everything else happens by itself on it.
    """

    day: date
    description: str
    council: str | None
    due: bool
    declared_at: Span


class Share(NamedTuple):
    """One tenant's part of the yearly cost of an instance, in pence."""

    council: str
    instance: str
    share: int
    pence: int
