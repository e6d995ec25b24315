"""Questions with a proposal, for commands that can be told everything by options as well."""

from __future__ import annotations

from collections.abc import Callable

from moothall.failures import BLOCKED, OperationError
from moothall.ports import Progress
from moothall.report.text.view import text_of

_NOTHING = text_of("")


class Keyboard:
    """Somebody who is asked, or nobody: then every proposal is taken."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    @property
    def there(self) -> bool:
        """Whether somebody is asked."""
        return self._progress is not None

    def ask(self, question: str, proposed: str, check: Callable[[str], object] = str) -> str:
        """Return what is typed, or the proposal; asks again for what `check` refuses with ValueError.

        Raises OperationError when there is no keyboard.
        """
        while self._progress:
            typed = self._progress.ask(_NOTHING, f"{question} [{proposed}]: ")
            if typed is None:
                what = "nobody is there to be asked"
                raise OperationError(
                    what, state="Nothing was written.", hint="leave out --interactive", exit_code=BLOCKED
                )
            try:
                check(typed or proposed)
            except ValueError as refused:
                self._progress.stage(str(refused))
                continue
            return typed or proposed
        return proposed
