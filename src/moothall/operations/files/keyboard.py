"""Questions with a proposal, for commands that can be told everything by options as well."""

from __future__ import annotations

from collections.abc import Callable

from moothall.failures import BLOCKED, OperationError
from moothall.ports import Progress
from moothall.report.text.view import text_of

_EMPTY_REPORT = text_of("")


class Keyboard:
    """Questions to an operator; without a progress nobody is asked and every proposal is taken."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    @property
    def is_interactive(self) -> bool:
        """Whether somebody is asked."""
        return self._progress is not None

    def ask(self, question: str, proposal: str, check: Callable[[str], object] = str) -> str:
        """Return what is typed, or the proposal; asks again for what `check` refuses with ValueError.

        Raises OperationError when there is no keyboard.
        """
        while self._progress:
            answer = self._progress.ask(_EMPTY_REPORT, f"{question} [{proposal}]: ")
            if answer is None:
                message = "nobody is there to be asked"
                raise OperationError(
                    message, state="Nothing was written.", hint="leave out --interactive", exit_code=BLOCKED
                )
            try:
                check(answer or proposal)
            except ValueError as error:
                self._progress.stage(str(error))
                continue
            return answer or proposal
        return proposal
