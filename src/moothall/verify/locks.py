"""Locks that somebody holds on stacks, and whether whoever holds them still lives; for `doctor`.

A lock is a file `locks/organization/<project>/<stack>/<id>.json` of Pulumi's file backend, with the process, machine
and time of whoever made it (`pkg/backend/diy/lock.go`).
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from moothall.model.outcome import FAILED, PASSED, CheckResult
from moothall.pulumi_engine.state.lock import is_gone, owner_of


def locks(state: Path) -> CheckResult:
    """Say which locks there are below the state directory.

    A lock of a dead process of this machine is no fault: the next `up` takes it over. One of another machine may be
    in use, and nobody here can tell; removing it is for somebody who knows.
    """
    files = sorted((state / ".pulumi" / "locks").rglob("*.json"))
    owners = [(path, owner_of(path)) for path in files]
    foreign_locks = [(path, owner) for path, owner in owners if owner.get("hostname") != socket.gethostname()]
    if foreign_locks:
        detail = "; ".join(f"{path.parent.name} is locked by {_describe_owner(owner)}" for path, owner in foreign_locks)
        return CheckResult("locks", "Locks", FAILED, detail, hint=f"moothall unlock {foreign_locks[0][0].parent.name}")
    if owners:
        detail = "; ".join(
            f"{path.parent.name} is locked by {_describe_owner(owner)}, {_fate(owner)}" for path, owner in owners
        )
        return CheckResult("locks", "Locks", PASSED, detail)
    return CheckResult("locks", "Locks", PASSED, "no stack is locked")


def _describe_owner(owner: Mapping[str, object]) -> str:
    """Return who holds a lock, in words."""
    if not owner:
        return "somebody who did not say who"
    where = f"process {owner.get('pid')} of {owner.get('username')} on {owner.get('hostname')}"
    return f"{where} since {owner.get('timestamp')}"


def _fate(owner: Mapping[str, object]) -> str:
    """Return whether the process, one of this machine, is still there."""
    return "which is gone: the next up takes it over" if is_gone(owner) else "which is at work"
