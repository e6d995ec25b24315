"""What the last successful `up` of each stack was made from, so that an unchanged stack needs no program run.

One small file a stack, beside the engine's state: the digest of the plan's part, that of the checkpoint, and that of
the code which made the second of the first: a newer moothall may make something else of the same plan. It counts only
while all are as they were; losing it costs time, nothing else.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from pathlib import Path

from moothall import atomic_file, json_text, paths, private
from moothall import cache as caching

_LIBRARIES = ("pulumi", "pulumi_docker")
"""What our program is written in; the second also says which version of the provider a state records."""


@cache
def code() -> str:
    """Return the digest of the code that decides what becomes of a plan: our program, its secrets, the engine."""
    rooms = (paths.ENGINE, Path(__file__).parent, paths.KEYS)
    return caching.portable_code_digest(*rooms, libraries=_LIBRARIES).hex()


def is_applied(state: Path, stack: str, plan: str, checkpoint: str | None) -> bool:
    """Say whether the stack's last successful `up` was of this plan, by this code, and its state is that `up`'s."""
    record = _read(state, stack)
    return _is_of(record, plan, checkpoint) and record.get("code") == code()


def matches_plan(state: Path, stack: str, plan: str, checkpoint: str | None) -> bool:
    """Say whether the record of a stack matches this plan and checkpoint, whichever code applied it."""
    return _is_of(_read(state, stack), plan, checkpoint)


def is_from_other_code(state: Path, stack: str) -> bool:
    """Say whether the last successful `up` was by other code: then all may be recreated though nothing changed."""
    record = _read(state, stack)
    return bool(record) and record.get("code") != code()


def write(state: Path, stack: str, plan: str, checkpoint: str | None) -> None:
    """Remember a successful `up`; where the disk is full it is looked at again next time."""
    path = _path(state, stack)
    with suppress(OSError):
        private.folder(path.parent)
        record = {"plan": plan, "checkpoint": checkpoint, "code": code()}
        atomic_file.replace(path, json.dumps(record).encode(), durable=False)


def forget(state: Path, stack: str) -> None:
    """Forget a stack."""
    _path(state, stack).unlink(missing_ok=True)


def _path(state: Path, stack: str) -> Path:
    return state / "applied" / f"{stack}.json"


def _is_of(record: dict[str, object], plan: str, checkpoint: str | None) -> bool:
    return checkpoint is not None and (record.get("plan"), record.get("checkpoint")) == (plan, checkpoint)


def _read(state: Path, stack: str) -> dict[str, object]:
    try:
        record = json_text.parse(_path(state, stack).read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
