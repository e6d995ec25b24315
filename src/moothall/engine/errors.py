"""What can go wrong outside of the definitions: one class for each cause, three sentences each.

`what` says what happened, `left` what state things were left in, `mend` the one command or action that mends it.
User mistakes are diagnostics and never pass through here.
"""

from __future__ import annotations

NOTHING_TOUCHED = "Nothing was touched."


class EngineError(Exception):
    """A failure of the world around the engine.

    Args: `what` happened, what was `left`, how to `mend` it; each one full sentence.
    """

    def __init__(self, what: str, left: str = NOTHING_TOUCHED, mend: str = "") -> None:
        self.what = what
        self.left = left
        self.mend = mend
        super().__init__(" ".join(part for part in (what, left, mend) if part))


class Locked(EngineError):
    """Another process works on the stack: `pid` on `host` since `since` (RFC 3339, empty when unknown)."""

    def __init__(self, stack: str, pid: int | None, host: str, since: str) -> None:
        self.pid = pid
        self.host = host
        self.since = since
        owner = f"process {pid} on {host}" if pid is not None else "an unreadable lock file"
        when = f" since {since}" if since else ""
        super().__init__(
            f"Stack {stack} is locked by {owner}{when}.",
            mend=f"Wait for it to end, or run `moothall unlock {stack}` when you know that it is gone.",
        )


class NotOwned(EngineError):
    """A Docker object of a wanted name exists and carries another owner's label, or none."""

    def __init__(self, kind: str, name: str, owner: str | None) -> None:
        self.kind = kind
        self.name = name
        self.owner = owner
        whose = f"belongs to {owner}" if owner else "carries no owner label of ours"
        super().__init__(
            f"A {kind} named {name} already exists on the engine and {whose}.",
            mend=f"Rename one of the two, or remove it with `docker {kind} rm {name}` if nobody needs it.",
        )


class EngineUnreachable(EngineError):
    """The Docker engine at `host` does not answer."""

    def __init__(self, host: str, why: str) -> None:
        self.host = host
        super().__init__(
            f"The Docker engine at {host} does not answer: {why}.",
            left="Its objects are taken to be as they were; nothing is counted as gone.",
            mend=f"Check it with `docker --host {host} version`.",
        )


class StateCorrupt(EngineError):
    """A checkpoint or another state file at `path` cannot be trusted."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(
            f"The state file {path} cannot be used: {why}.", mend=f"Restore it with `cp {path}.bak {path}`."
        )


class BadPassphrase(EngineError):
    """The passphrase does not open the secrets of the state, or is empty."""

    def __init__(self, why: str = "it does not open the secrets of this state") -> None:
        super().__init__(
            f"The passphrase was refused: {why}.", mend="Give the passphrase that the state was made with."
        )


class Unsupported(EngineError):
    """A resource type, property or option that this engine does not implement, by `subject`."""

    def __init__(self, subject: str, where: str = "") -> None:
        self.subject = subject
        self.where = where
        at = f" (used by {where})" if where else ""
        super().__init__(
            f"The embedded engine does not support {subject}{at}.",
            mend="Leave it out, or run this stack with `--engine pulumi`.",
        )


class Protected(EngineError):
    """A step would delete or replace the protected resource `urn`."""

    def __init__(self, urn: str, name: str, op: str, because: str) -> None:
        self.urn = urn
        self.name = name
        super().__init__(
            f"{name} is protected and would have to be {op}d{because}.",
            mend="Undo the change, or take the protection away in a change of its own first.",
        )


class Conflict(EngineError):
    """The program contradicts itself or the engine's state; the message says how."""
