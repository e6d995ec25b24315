"""Where the state of a project is kept, and what one stack's program is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ORGANISATION = "organization"  # the fixed word of Pulumi's self-managed backends


@dataclass(frozen=True)
class Backend:
    """A directory in the layout of Pulumi's file backend.

    `passphrase` is called at most once per process and backend, and only when a secret must be written or read.
    """

    root: Path
    passphrase: Callable[[], str]

    @property
    def folder(self) -> Path:
        """The folder `.pulumi` below the root."""
        return self.root / ".pulumi"

    def checkpoint(self, project: str, stack: str) -> Path:
        """The checkpoint file of a stack."""
        return self.folder / "stacks" / project / f"{stack}.json"

    def locks(self, project: str, stack: str) -> Path:
        """The folder that holds the lock files of a stack."""
        return self.folder / "locks" / ORGANISATION / project / stack

    def stacks(self, project: str) -> list[str]:
        """The names of the stacks of a project that have a checkpoint, sorted."""
        return sorted(path.stem for path in (self.folder / "stacks" / project).glob("*.json"))


@dataclass(frozen=True)
class StackRun:
    """One stack and the Pulumi program that declares its resources.

    `ownership` is the label, key and value, that every Docker object of this stack carries and no other object does.
    """

    project: str
    stack: str
    program: Callable[[], None]
    ownership: tuple[str, str]
