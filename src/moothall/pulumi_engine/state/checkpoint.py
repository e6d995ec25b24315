"""Checkpoint files: read with suspicion, written so that a crash at any moment leaves a whole one.

While an operation runs, and after one was killed, what it did is in the journal beside the checkpoint; whoever loads
a state gets both.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from moothall import atomic_file, json_text, private
from moothall.pulumi_engine.errors import StateCorrupt, StateNotWritten
from moothall.pulumi_engine.protocol.urns import stack_of
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.state import formats, journal
from moothall.pulumi_engine.state.backend import ORGANISATION, Backend
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot, deployment_from, deployment_json, magic

MEMBERS = frozenset({"stack", "config", "latest"})  # of `apitype.CheckpointV3`


def load(backend: Backend, project: str, stack: str) -> Snapshot:
    """The recorded state of a stack, with what a journal adds to it; empty when there is none. Raises StateCorrupt."""
    try:
        return _load_with_journal(backend, project, stack)
    except StateCorrupt:  # an operation may have ended between the two reads
        return _load_with_journal(backend, project, stack)


def fold(backend: Backend, project: str, stack: str) -> Snapshot:
    """Load the state and make what a killed run left in its journal the checkpoint. For who holds the lock.

    Raises StateCorrupt, and StateNotWritten.
    """
    snapshot = load(backend, project, stack)
    path = backend.journal(project, stack)
    if path.exists():
        journal_contents = journal.read(path, stack)
        if journal_contents is not None and journal_contents.id != snapshot.folded_journal:
            save(backend, project, stack, replace(snapshot, folded_journal=journal_contents.id))
        path.unlink()
    return snapshot


def _load_with_journal(backend: Backend, project: str, stack: str) -> Snapshot:
    """The journal is read first: a checkpoint that is newer than it holds all of it."""
    path, journal_path = backend.checkpoint(project, stack), backend.journal(project, stack)
    journal_contents = journal.read(journal_path, stack)
    text = _read(path)
    snapshot = Snapshot() if text is None else parse(path, stack, text)
    if journal_contents is None or journal_contents.id == snapshot.folded_journal:
        return snapshot
    if text is None or journal_contents.checkpoint != hashlib.sha256(text.encode()).hexdigest():
        raise StateCorrupt(str(journal_path), "the state was changed by somebody who did not know of it")
    replayed = journal.replay(journal_path, snapshot, journal_contents.moves)
    _check_order(journal_path, stack, replayed.resources)
    return replayed


def parse(path: Path, stack: str, text: str) -> Snapshot:
    """The state that the text of a checkpoint records; `path` is where it was read. Raises StateCorrupt."""
    try:
        snapshot = deployment_from(_latest(path, stack, json_text.parse(text)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateCorrupt(str(path), f"it is not a whole checkpoint ({error})") from error
    _check_order(path, stack, snapshot.resources)
    return snapshot


def save(backend: Backend, project: str, stack: str, snapshot: Snapshot) -> None:
    """Write a checkpoint, durably; the old one stays as `.bak`. Raises StateNotWritten."""
    path = backend.checkpoint(project, stack)
    content, backup = text_of(project, stack, snapshot).encode(), path.with_name(f"{path.name}.bak")
    try:
        private.folder(path.parent)
        _mark_backend(backend)
        atomic_file.replace(path, content, durable=True, backup=backup)
    except OSError as error:
        raise StateNotWritten(path, error) from error


def text_of(project: str, stack: str, snapshot: Snapshot) -> str:
    """The text of a checkpoint, sealed with its own digest. Pulumi leaves the digest aside and drops it on writing."""
    checkpoint = {"stack": f"{ORGANISATION}/{project}/{stack}", "latest": deployment_json(snapshot)}
    return json.dumps(with_own_digest({**formats.format_of(snapshot.resources), "checkpoint": checkpoint}))


def with_own_digest(whole: Mapping[str, Json]) -> dict[str, Json]:
    """A checkpoint of ours with its own digest; one that Pulumi wrote, which has none, stays as it is."""
    latest = whole["checkpoint"].get("latest") or {}
    manifest = latest.get("manifest") or {}
    if not str(manifest.get("version", "")).startswith("moothall-"):
        return dict(whole)
    latest_with_digest = {**latest, "manifest": {**manifest, "digest": _own_digest(whole)}}
    return {**whole, "checkpoint": {**whole["checkpoint"], "latest": latest_with_digest}}


def digest(backend: Backend, project: str, stack: str) -> str | None:
    """The SHA-256 in hex of a stack's checkpoint file and of its journal, if there is one; None without checkpoint.

    Raises StateCorrupt for one that cannot be read.
    """
    path = backend.checkpoint(project, stack)
    try:
        sha256 = hashlib.sha256(_bytes(path))
    except FileNotFoundError:
        return None
    with contextlib.suppress(FileNotFoundError):
        sha256.update(_bytes(backend.journal(project, stack)))
    return sha256.hexdigest()


def _bytes(path: Path) -> bytes:
    """The content of a file. Raises FileNotFoundError, and StateCorrupt for whatever else keeps it from being read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StateCorrupt(str(path), f"it cannot be read ({error})") from error


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


def _latest(path: Path, stack: str, whole: Mapping[str, Json]) -> Mapping[str, Json]:
    checkpoint = whole["checkpoint"]
    latest: Mapping[str, Json] = checkpoint.get("latest") or {}
    manifest = latest.get("manifest") or {}
    if "digest" in manifest and manifest["digest"] != _own_digest(whole):
        raise StateCorrupt(str(path), "it is not as it was written, its digest says")
    formats.check(str(path), stack, whole)
    unknown = sorted(checkpoint.keys() - MEMBERS)
    if unknown:  # one letter of `latest` fallen over, and the stack would seem to hold nothing
        raise StateCorrupt(str(path), f"a checkpoint has no member {unknown[0]!r}")
    if checkpoint["stack"].rpartition("/")[2] != stack:
        raise StateCorrupt(str(path), f"it is the checkpoint of {checkpoint['stack']}")
    misplaced = [name for name, value in latest.items() if name != "manifest" and "magic" in (value or ())]
    if misplaced:  # and with it the digest that would have told
        raise StateCorrupt(str(path), f"its manifest is called {misplaced[0]!r}")
    if manifest.get("magic") and manifest["magic"] != magic(manifest.get("version", "")):
        raise StateCorrupt(str(path), "its manifest does not carry the magic of its version")
    return latest


def _own_digest(whole: Mapping[str, Json]) -> str:
    """The SHA-256 in hex of a checkpoint's deployment without its digest, and of its format where that is not the usual
    one."""
    latest = whole["checkpoint"]["latest"]
    manifest = {name: value for name, value in (latest.get("manifest") or {}).items() if name != "digest"}
    format_members = {name: whole.get(name) for name in ("version", "features") if name in whole}
    format_ = {} if format_members == {"version": formats.USUAL_VERSION} else {"": format_members}
    return hashlib.sha256(json.dumps({**latest, "manifest": manifest, **format_}, sort_keys=True).encode()).hexdigest()


def _check_order(path: Path, stack: str, resources: tuple[Resource, ...]) -> None:
    """Refuse what the real engine refuses: doubles, foreign stacks, and a resource before what it needs."""
    earlier_urns: set[str] = set()
    for resource in resources:
        if resource.rest.get("delete"):
            reason = f"Pulumi has not ended the replacement of {resource.urn}"
            raise StateCorrupt(str(path), reason, "moothall up --engine pulumi  # ends it")
        if resource.urn in earlier_urns:
            raise StateCorrupt(str(path), f"{resource.urn} is in it twice")
        if stack_of(resource.urn) != stack:
            raise StateCorrupt(str(path), f"{resource.urn} belongs to another stack")
        missing = next((urn for urn in resource.needs() if urn not in earlier_urns), None)
        if missing is not None:
            raise StateCorrupt(str(path), f"{resource.urn} comes before {missing}, which it needs")
        earlier_urns.add(resource.urn)


def _mark_backend(backend: Backend) -> None:
    meta = backend.folder / "meta.yaml"
    if not meta.exists() or not meta.stat().st_size:  # a full disk may have left it empty
        private.write(meta, "version: 1\n")
