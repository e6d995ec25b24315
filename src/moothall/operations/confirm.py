"""Asking somebody whether to go on: said once, so that nothing is done on any other word than the one asked for."""

from __future__ import annotations

from moothall.failures import BLOCKED, OperationError
from moothall.model.outcome import Report
from moothall.ports import Progress


def confirm(
    progress: Progress,
    shown: Report,
    question: str,
    *,
    refused: str,
    state: str,
    hint: str,
    wanted: str = "yes",
    given: str | None = None,
    nobody: str | None = None,
) -> None:
    """Show what is to be done and ask, unless the word that is `wanted` was `given` already.

    Raises OperationError (blocked) that says `refused`, or where nobody is there to be asked `nobody`, if any other
    word came.
    """
    typed = given or progress.ask(shown, question)
    if typed != wanted:
        what = nobody if nobody and typed is None else refused
        raise OperationError(what, state=state, hint=hint, exit_code=BLOCKED)
