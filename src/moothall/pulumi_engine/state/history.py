"""Old versions of a stack's state, in Pulumi's layout: `history/<project>/<stack>/<stack>-<nanoseconds>.*.json`.

Each is a copy, never a link: what spoils the checkpoint in place must not spoil them. Their numbers only rise, also
when the clock is set back, so the newest is the last that was made.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from moothall import __version__, atomic_file, json_text, private
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.state.backend import Backend

KEPT_VERSIONS = 20
"""Versions of a stack that are kept, whichever engine wrote them."""
_VERSION_VARIABLE = "moothall.version"
_NUMBER = re.compile(r"-([0-9]+)\.checkpoint\.json$")


@dataclass(frozen=True)
class Version:
    """One old version: its number, when (RFC 3339) and by what operation it was made, how that ended, and its file."""

    number: int
    time: str
    reason: str
    result: str
    path: Path


def versions(backend: Backend, project: str, stack: str) -> tuple[Version, ...]:
    """All versions of a stack, the newest first."""
    all_versions = [_version(path) for path in backend.history(project, stack).glob("*.checkpoint.json")]
    return tuple(sorted(filter(None, all_versions), key=lambda version: -version.number))


def keep(backend: Backend, project: str, stack: str, reason: str, result: str) -> None:
    """Keep the present checkpoint as a version, unless the newest is the same, and prune.

    A full disk is no reason to fail: the operation itself is recorded already.
    """
    old_versions = versions(backend, project, stack)
    with contextlib.suppress(OSError):
        content = backend.checkpoint(project, stack).read_bytes()
        if old_versions and old_versions[0].path.read_bytes() == content:
            return
        number = max(time.time_ns(), old_versions[0].number + 1 if old_versions else 0)
        _write(backend.history(project, stack), f"{stack}-{number}", content, _information(reason, result))
        prune(backend, project, stack, KEPT_VERSIONS)


def prune(backend: Backend, project: str, stack: str, count: int) -> int:
    """Delete all but the newest `count` versions; return how many were deleted."""
    old_versions = versions(backend, project, stack)[count:]
    for version in old_versions:
        remove([_information_path(version.path), version.path])
    return len(old_versions)


def remove(paths: Iterable[Path]) -> None:
    """Delete files, each with what Pulumi's CLI writes beside it."""
    for path in paths:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.attrs").unlink(missing_ok=True)


def _information_path(path: Path) -> Path:
    return path.with_name(path.name.replace(".checkpoint.json", ".history.json"))


def _write(folder: Path, name: str, content: bytes, information: dict[str, Json]) -> None:
    private.folder(folder)
    # The version counts from the moment at which its checkpoint is there, so that comes last.
    atomic_file.replace(folder / f"{name}.history.json", json.dumps(information).encode(), durable=True)
    atomic_file.replace(folder / f"{name}.checkpoint.json", content, durable=True)


def _information(reason: str, result: str) -> dict[str, Json]:
    """What Pulumi's `stack history` shows (`pkg/backend/updates.go`, UpdateInfo)."""
    now = int(time.time())
    return {
        "kind": {"destroy": "destroy", "import": "resource-import"}.get(reason, "update"),
        "startTime": now,
        "endTime": now,
        "message": reason,
        "environment": {_VERSION_VARIABLE: __version__},
        "config": {},
        "result": result,
        "resourceChanges": {},
    }


def _version(path: Path) -> Version | None:
    number = _NUMBER.search(path.name)
    if number is None:
        return None
    try:
        information = json_text.parse(_information_path(path).read_text())
        is_ours = _VERSION_VARIABLE in (information.get("environment") or {})
        # Pulumi's message is the subject of whatever commit is checked out where it runs.
        reason = str(information.get("message", "")) if is_ours else f"{information.get('kind', 'update')} by Pulumi"
        result = str(information.get("result", ""))
        written_at = datetime.fromtimestamp(information.get("endTime") or 0, UTC).isoformat()
    except (OSError, ValueError, AttributeError, TypeError):
        reason, result, written_at = "", "", ""
    return Version(int(number[1]), written_at, reason, result, path)


def stacks(backend: Backend, project: str) -> Iterator[str]:
    """The names of all stacks that have a checkpoint or old versions, sorted."""
    past_stacks = {path.name for path in (backend.folder / "history" / project).glob("*/")}
    yield from sorted(past_stacks | set(backend.stacks(project)))
