"""What the last successful `up` of each stack was made from, so that an unchanged stack needs no program run.

One small file a stack, beside the engine's state: the digest of the plan's part and that of the checkpoint. It
counts only while both are as they were; losing it costs time, nothing else.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from moothall import private


def _path(state: Path, stack: str) -> Path:
    return state / "applied" / f"{stack}.json"


def is_applied(state: Path, stack: str, plan: str, checkpoint: str | None) -> bool:
    """Say whether the stack's last successful `up` was of this plan and its state is still that `up`'s."""
    try:
        recorded = json.loads(_path(state, stack).read_text())
    except (OSError, ValueError):
        return False
    return checkpoint is not None and recorded == {"plan": plan, "checkpoint": checkpoint}


def write(state: Path, stack: str, plan: str, checkpoint: str | None) -> None:
    """Remember a successful `up`; where the disk is full it is looked at again next time."""
    path = _path(state, stack)
    new = path.with_suffix(f".{os.getpid()}.new")
    try:
        private.folder(path.parent)
        private.write(new, json.dumps({"plan": plan, "checkpoint": checkpoint}))
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)


def forget(state: Path, stack: str) -> None:
    """Forget a stack."""
    _path(state, stack).unlink(missing_ok=True)
