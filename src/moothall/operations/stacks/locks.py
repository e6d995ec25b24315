"""The locks of stacks, for what works on what stands without changing their state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from moothall.operations.context import Context
from moothall.operations.secrets import state_passphrase


@contextmanager
def hold_stacks(context: Context, stacks: Iterable[str]) -> Iterator[None]:
    """Hold stacks, as `up` does, so that nobody else works on what is theirs.

    Raises OperationError (locked) naming who does. A lock is not taken twice: what is done meanwhile must not hold one
    of them again.
    """
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.state import lock

    with lock.hold_all(Backend(context.state, state_passphrase), PROJECT, stacks):
        yield
