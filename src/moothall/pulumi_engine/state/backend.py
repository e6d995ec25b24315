"""Where the state of a project is kept, and what one stack's program is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from moothall.cache import Cache

ORGANISATION = "organization"  # the fixed word of Pulumi's self-managed backends

Program = Callable[[], Awaitable[None] | None]
"""Declares the resources of a stack; what it returns is awaited, if it can be."""


@dataclass(frozen=True)
class Backend:
    """A directory in the layout of Pulumi's file backend.

    `passphrase` is called at most once per process and backend, and only when a secret must be written or read.
    `salt_line` gives that of other secrets under the same passphrase, if there are any: the first secret of a project
    takes it too, so that one key is derived for all of them. In `cache` is kept what surveys work out of states.
    """

    root: Path
    passphrase: Callable[[], str]
    salt_line: Callable[[], str | None] = field(default=lambda: None, compare=False)
    cache: Cache = field(default_factory=lambda: Cache(None), compare=False)

    @property
    def folder(self) -> Path:
        """The folder `.pulumi` below the root."""
        return self.root / ".pulumi"

    def checkpoint(self, project: str, stack: str) -> Path:
        """The checkpoint file of a stack."""
        return self.folder / "stacks" / project / f"{stack}.json"

    def journal(self, project: str, stack: str) -> Path:
        """The file of what was done since the checkpoint was written; Pulumi passes it over."""
        return self.folder / "stacks" / project / f"{stack}.json.journal"

    def locks(self, project: str, stack: str) -> Path:
        """The folder that holds the lock files of a stack."""
        return self.folder / "locks" / ORGANISATION / project / stack

    def history(self, project: str, stack: str) -> Path:
        """The folder that holds the old versions of a stack."""
        return self.folder / "history" / project / stack

    def stacks(self, project: str) -> list[str]:
        """The names of the stacks of a project that have a checkpoint, sorted."""
        return sorted(path.stem for path in (self.folder / "stacks" / project).glob("*.json"))


@dataclass(frozen=True)
class StackRun:
    """One stack and the Pulumi program that declares its resources.

    `ownership` is the label, key and value, that every Docker object of this stack carries and no other object does.
    What `program` returns is awaited, if it can be: one that waits for answers as it goes takes far less memory.
    `accepts_other_engine` says that another engine is accepted, with nothing on it of what the one before it held.
    `followers` are containers of other stacks that will be recreated after this run when a network of this stack is.
    A program is `declarative` that makes nothing of what an engine answers: it asks for the same in every run, so one
    dry run of it is enough.
    """

    project: str
    stack: str
    program: Program
    ownership: tuple[str, str]
    declarative: bool = False
    followers: frozenset[str] = frozenset()
    accepts_other_engine: bool = False
