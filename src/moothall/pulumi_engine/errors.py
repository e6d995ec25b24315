"""What can go wrong outside of the definitions, one class for each cause: what happened, what was left, what mends it.

User mistakes are diagnostics and never pass through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from moothall.failures import BLOCKED, FAILED, INTERRUPTED, OPEN_STATE, REFUSED, OperationError, hint_of

NOTHING_TOUCHED = "Nothing was touched."


class EngineError(OperationError):
    """A failure of the world around the engine.

    Args: `message` says what happened and `state` what was left, each one full sentence; `hint` is the command that
    leads further.
    """

    code = FAILED

    def __init__(self, message: str, state: str = NOTHING_TOUCHED, hint: str = "") -> None:
        super().__init__(message, state=state, hint=hint, exit_code=self.code)


class Interrupted(EngineError):
    """Somebody interrupted what had not begun to change anything."""

    code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("Interrupted before anything was begun.", hint="the same command again")


class Locked(EngineError):
    """Another process works on the stack: `pid` on `host` since `since` (RFC 3339, empty when unknown)."""

    code = BLOCKED

    def __init__(self, stack: str, pid: int | None, host: str, since: str) -> None:
        self.pid = pid
        self.host = host
        self.since = since
        owner = f"process {pid} on {host}" if pid is not None else "somebody whom no lock file here names"
        since_clause = f" since {since}" if since else ""
        super().__init__(
            f"Stack {stack} is locked by {owner}{since_clause}.",
            hint=f"moothall unlock {stack}  # only when you know that it is gone",
        )


class NotOwned(EngineError):
    """A Docker object of a wanted name exists and carries another owner's label, or none."""

    code = REFUSED

    def __init__(self, kind: str, name: str, owner: str | None) -> None:
        self.kind = kind
        self.name = name
        self.owner = owner
        ownership = f"belongs to {owner}" if owner else "does not belong to this stack"
        super().__init__(
            f"A {kind} named {name} is on the engine already and {ownership}.",
            hint=f"docker {kind} rm {'--force ' if kind == 'container' else ''}{name}  # only when nobody needs it",
        )


class EngineUnreachable(EngineError):
    """The Docker engine at `host` does not answer."""

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        super().__init__(
            f"The container engine at {host} does not answer: {reason.rstrip('.')}.",
            state="What it holds is taken to be as it was; nothing counts as gone.",
            hint=f"docker --host {host} version",
        )


class StateCorrupt(EngineError):
    """A checkpoint or another state file at `path` cannot be trusted."""

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        self.path = path
        self.reason = reason
        stack = path.rpartition("/")[2].removesuffix(".journal").removesuffix(".json")
        repair = f"moothall state repair {stack}"
        super().__init__(f"The state file {path} cannot be used: {reason}.", hint=hint or repair)


class StateTooNew(StateCorrupt):
    """The state of a stack is whole, and uses something of Pulumi's that this moothall does not know: to go back to an
    older version of it would forget what has been made since."""

    def __init__(self, path: str, stack: str, reason: str) -> None:
        explanation = f"{reason}, which a newer moothall may know, and Pulumi's own CLI does"
        super().__init__(path, explanation, f"pulumi preview --stack {stack}  # in stacks/; or upgrade moothall")


class StateNotWritten(EngineError):
    """A file of the state at `path` could not be written; what it held before is whole."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.path = str(path)
        super().__init__(
            f"The state file {path} could not be written: {error.strerror or error}.",
            state="The state as it was last written is whole; what was made since is found again by its label.",
            hint=f"{hint_of(error, path.parent)}  # shows why; then run the same command again",
        )


class BadPassphrase(EngineError):
    """The passphrase does not open the secrets of the state, or is empty."""

    def __init__(self, why: str = "it does not open the secrets of this state") -> None:
        super().__init__(f"The passphrase was refused: {why}.", hint=OPEN_STATE)


class MalformedSecret(BadPassphrase):
    """What is sealed, or the salt line, is not of its form: no passphrase opens it."""


class Unsupported(EngineError):
    """A resource type, property or option that this engine does not implement, by `subject`."""

    def __init__(self, subject: str, urn: str = "") -> None:
        self.subject = subject
        self.urn = urn
        request = f" (wanted by {urn})" if urn else ""
        super().__init__(f"The embedded engine does not do {subject}{request}.", hint="leave it out of the program")


class Protected(EngineError):
    """A step would delete or replace the protected resource `urn`."""

    code = REFUSED

    def __init__(self, urn: str, name: str, op: str, declared_at: str) -> None:
        self.urn = urn
        self.name = name
        super().__init__(
            f"{name} is protected and would be {op}d{declared_at}.",
            hint="undo that change; what is protected goes with `moothall destroy --with-data` alone",
        )


class InUse(EngineError):
    """A network or volume that would be deleted or replaced is used by containers that are not of this stack."""

    code = REFUSED

    def __init__(self, kind: str, name: str, users: Sequence[str]) -> None:
        self.kind = kind
        self.name = name
        self.users = tuple(users)
        super().__init__(
            f"The {kind} {name} would be deleted or replaced, but containers of others use it: {', '.join(users)}.",
            hint=f"docker rm --force {' '.join(users)}  # only when nobody needs them; ours go with `moothall destroy`",
        )


class Conflict(EngineError):
    """The program contradicts itself or what is on the engine; the message says how."""
