"""Checkpoint files: read with suspicion, written so that a crash at any moment leaves a whole one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from moothall.engine.backend import ORGANISATION, Backend
from moothall.engine.errors import StateCorrupt
from moothall.engine.state import Resource, Snapshot, deployment_from, deployment_json, magic
from moothall.engine.urns import stack_of
from moothall.engine.values import Json

FORMAT = 3


def load(backend: Backend, project: str, stack: str) -> Snapshot:
    """The recorded state of a stack, empty when there is none. Raises StateCorrupt."""
    path = backend.checkpoint(project, stack)
    text = _read(path)
    if text is None:
        return Snapshot()
    try:
        snapshot = deployment_from(_latest(path, json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateCorrupt(str(path), f"it is not a whole checkpoint ({error})") from error
    _check_order(path, stack, snapshot.resources)
    return snapshot


def save(backend: Backend, project: str, stack: str, snapshot: Snapshot) -> None:
    """Write a checkpoint: temporary file, fsync, the old one kept as `.bak`, rename."""
    path = backend.checkpoint(project, stack)
    path.parent.mkdir(parents=True, exist_ok=True)
    _mark_backend(backend)
    name = f"{ORGANISATION}/{project}/{stack}"
    whole = {"version": FORMAT, "checkpoint": {"stack": name, "latest": deployment_json(snapshot)}}
    fresh = path.with_name(f".{path.name}.new")
    _write_synced(fresh, json.dumps(whole))
    _keep_backup(path)
    os.replace(fresh, path)


def digest(backend: Backend, project: str, stack: str) -> str | None:
    """The SHA-256 of a stack's checkpoint file in hex, None without one."""
    try:
        return hashlib.sha256(backend.checkpoint(project, stack).read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def sibling_salt(backend: Backend, project: str, stack: str) -> str | None:
    """The salt line of the first other stack of the project that has one; unreadable neighbours are passed over."""
    for other in backend.stacks(project):
        if other == stack:
            continue
        with contextlib.suppress(StateCorrupt):
            salt = load(backend, project, other).salt_line
            if salt is not None:
                return salt
    return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StateCorrupt(str(path), f"it cannot be read ({error})") from error


def _latest(path: Path, whole: Mapping[str, Json]) -> Mapping[str, Json]:
    if whole.get("version") != FORMAT:
        raise StateCorrupt(str(path), f"its version is {whole.get('version')} and not {FORMAT}")
    latest: Mapping[str, Json] = whole["checkpoint"].get("latest") or {}
    manifest = latest.get("manifest") or {}
    if manifest.get("magic") and manifest["magic"] != magic(manifest.get("version", "")):
        raise StateCorrupt(str(path), "its manifest does not carry the magic of its version")
    return latest


def _check_order(path: Path, stack: str, resources: tuple[Resource, ...]) -> None:
    """Refuse what the real engine refuses: doubles, foreign stacks, and a resource before what it needs."""
    seen: set[str] = set()
    for resource in resources:
        if resource.rest.get("delete"):
            raise StateCorrupt(str(path), f"Pulumi has not ended the replacement of {resource.urn}: run its `up` first")
        if resource.urn in seen:
            raise StateCorrupt(str(path), f"{resource.urn} is in it twice")
        if stack_of(resource.urn) != stack:
            raise StateCorrupt(str(path), f"{resource.urn} belongs to another stack")
        missing = next((urn for urn in resource.needs() if urn not in seen), None)
        if missing is not None:
            raise StateCorrupt(str(path), f"{resource.urn} comes before {missing}, which it needs")
        seen.add(resource.urn)


def _mark_backend(backend: Backend) -> None:
    meta = backend.folder / "meta.yaml"
    if not meta.exists():
        meta.write_text("version: 1\n")


def _write_synced(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _keep_backup(path: Path) -> None:
    if not path.exists():
        return
    kept = path.with_name(f"{path.name}.bak")
    fresh = path.with_name(f".{path.name}.bak.new")
    fresh.unlink(missing_ok=True)
    os.link(path, fresh)
    os.replace(fresh, kept)
