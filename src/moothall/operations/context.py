"""The context of one request: the places of the definitions and the state, the selection, and the progress display."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # the ports know the plan, which validate has no need to load
    from moothall.model.planned import Stack
    from moothall.ports import Progress

EMBEDDED, PULUMI = "embedded", "pulumi"
"""Who runs the Pulumi program: the embedded engine, or Pulumi's own CLI."""


class Context(NamedTuple):
    """One request, made once by the command line; an operation that does part of another's work changes a copy.

    `as_of` is the day for which plans are made, `progress` who is told and who asks people; a selection of None is
    everything. `engines_file` says which engine serves which site, `engine` who runs the Pulumi program and `backend`
    where that keeps its state, None for what is usual. `command_words` are the words of the command line.
    """

    root: Path
    state: Path
    as_of: date
    progress: Progress
    partnership: str | None = None
    council: str | None = None
    site: str | None = None
    instance: str | None = None
    engines_file: Path | None = None
    engine: str = EMBEDDED
    backend: str | None = None
    command_words: tuple[str, ...] = ()

    def repeated_command(self, *words: str) -> str:
        """Return the command line as it was typed, followed by `words` unless it ends with them already.

        What is advised in its place may do no more than what was asked for: not all where one council was meant. An
        address that may hold a password is not repeated.
        """
        extra_words = words if words != self.command_words[-len(words) :] else ()
        command_words = list(self.command_words)
        if self.backend and "@" in self.backend:
            command_words = [word.replace(self.backend, "URL") for word in command_words]
        return shlex.join(["moothall", *command_words, *extra_words])

    def selects(self, stack: Stack) -> bool:
        """Say whether the selection chooses a stack: its council, its site, the instance it holds."""
        return (
            self.council in (None, stack.council)
            and self.site in (None, stack.site)
            and (self.instance is None or (stack.kind == "instance" and stack.unit == self.instance))
        )
