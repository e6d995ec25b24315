"""Confirmation of a change: nothing is done unless the answer is exactly the expected word."""

from __future__ import annotations

from moothall.failures import BLOCKED, OperationError
from moothall.model.outcome import Report
from moothall.ports import Progress


def confirm(
    progress: Progress,
    report: Report,
    question: str,
    *,
    refusal: str,
    state: str,
    hint: str,
    expected: str = "yes",
    given_answer: str | None = None,
    no_answer: str | None = None,
) -> None:
    """Show the report and ask for confirmation, unless `given_answer` holds an answer already.

    Raises OperationError (blocked) if the answer is not `expected`: with the message `refusal`, or with `no_answer`
    where that is given and nobody can be asked.
    """
    answer = given_answer or progress.ask(report, question)
    if answer != expected:
        message = no_answer if no_answer and answer is None else refusal
        raise OperationError(message, state=state, hint=hint, exit_code=BLOCKED)
