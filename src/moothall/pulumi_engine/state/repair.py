"""Putting a state in, and going back to the newest sound version of one that is damaged."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from moothall import atomic_file, json_text
from moothall.pulumi_engine.errors import BadPassphrase, EngineError, StateCorrupt, StateTooNew
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.state import checkpoint, history, lock
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.snapshot import Snapshot
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.observer import SILENT


@dataclass(frozen=True)
class Candidate:
    """A file that could be the state: what it is, when its content was written (RFC 3339), and what is wrong with it,
    empty when it is sound."""

    path: Path
    what: str
    time: str
    wrong: str
    resources: int


def examine(backend: Backend, project: str, stack: str) -> tuple[Candidate, ...]:
    """The checkpoint with its journal first, then all that it could be restored from, the newest first.

    Secrets are opened, so that a file made with another passphrase or salt is not taken for sound. Raises StateTooNew
    for a state that is whole, and that no older version should take the place of.
    """
    path = backend.checkpoint(project, stack)
    _refuse_newer(backend, project, stack)
    state, without_journal = _judge(backend, stack, path, "the state"), []
    if not state.wrong and (wrong := _wrong_with_journal(backend, project, stack)):
        state, without_journal = replace(state, wrong=wrong), [replace(state, what="the state without its journal")]
    old = [(version.path, f"version {version.number}") for version in history.versions(backend, project, stack)]
    backup = (path.with_name(f"{path.name}.bak"), "the backup")
    others = [*without_journal, *(_judge(backend, stack, file, what) for file, what in (*old, backup) if file.exists())]
    newest_first = sorted(others, key=lambda candidate: _moment(candidate.time), reverse=True)
    return (state, *newest_first)


def restore(backend: Backend, project: str, stack: str, source: Path) -> Path | None:
    """Make the content of `source` the state; what was there is put aside, and where is returned. Raises Locked."""
    with lock.hold(backend, project, stack, SILENT):
        path = backend.checkpoint(project, stack)
        content = source.read_bytes()
        put_aside(backend.journal(project, stack))
        aside_path = put_aside(path)
        atomic_file.replace(path, content, durable=True)
        history.keep(backend, project, stack, "repair", "succeeded")
        return aside_path


def put(backend: Backend, project: str, stack: str, exported: Mapping[str, Json]) -> Snapshot:
    """Make an exported deployment the state of a stack. The state before is kept as a version.

    Raises Locked; StateCorrupt when it is not of a format that we read, not this stack's, or not whole; and
    BadPassphrase when its secrets do not open. Nothing is changed then.
    """
    with lock.hold(backend, project, stack, SILENT):
        snapshot = _parse_export(backend, project, stack, exported)
        with contextlib.suppress(StateCorrupt):
            checkpoint.fold(backend, project, stack)
        if backend.checkpoint(project, stack).exists():
            history.keep(backend, project, stack, "before import", "succeeded")
        put_aside(backend.journal(project, stack))
        checkpoint.save(backend, project, stack, snapshot)
        history.keep(backend, project, stack, "import", "succeeded")
        return snapshot


def _parse_export(backend: Backend, project: str, stack: str, exported: Mapping[str, Json]) -> Snapshot:
    deployment = dict(exported.get("deployment") or {})
    manifest = dict(deployment.get("manifest") or {})
    manifest.pop("digest", None)  # what was edited by hand may come back
    whole = {
        **{name: exported[name] for name in ("version", "features") if name in exported},
        "checkpoint": {"stack": f"organization/{project}/{stack}", "latest": {**deployment, "manifest": manifest}},
    }
    snapshot = checkpoint.parse(Path(f"{stack}.json"), stack, json.dumps(whole))
    for resource in snapshot.resources:
        if resource.urn.split("::")[1] != project:
            raise StateCorrupt(f"{stack}.json", f"{resource.urn} belongs to another project")
    _open_all(backend, snapshot)
    return snapshot


def _open_all(backend: Backend, snapshot: Snapshot) -> None:
    vault = Vault(backend, snapshot.salt_line)
    for resource in (*snapshot.resources, *(pending.resource for pending in snapshot.pending)):
        vault.reveal(resource.inputs)
        vault.reveal(resource.outputs)


def _refuse_newer(backend: Backend, project: str, stack: str) -> None:
    try:
        checkpoint.load(backend, project, stack)
    except StateTooNew:
        raise
    except StateCorrupt:
        return


def _judge(backend: Backend, stack: str, path: Path, what: str) -> Candidate:
    time, resources = "", 0
    try:
        text = path.read_text()
        snapshot = checkpoint.parse(path, stack, text)
        time = str(json_text.parse(text)["checkpoint"].get("latest", {}).get("manifest", {}).get("time", ""))
        resources = len(snapshot.resources)
        _open_all(backend, snapshot)
    except FileNotFoundError:
        return Candidate(path, what, "", "it is not there", 0)
    except (OSError, ValueError) as error:
        return Candidate(path, what, "", f"it cannot be read ({error})", 0)
    except BadPassphrase as error:
        return Candidate(path, what, time, f"its secrets do not open ({error.message})", resources)
    except EngineError as error:
        return Candidate(path, what, time, _reason(error), resources)
    return Candidate(path, what, time, "", resources)


def _reason(error: EngineError) -> str:
    """What is wrong, to stand in a sentence of its own."""
    return (error.message.partition(" cannot be used: ")[2] or error.message).rstrip(".")


def _wrong_with_journal(backend: Backend, project: str, stack: str) -> str:
    """What is wrong with the journal of a sound checkpoint, empty when nothing is."""
    try:
        checkpoint.load(backend, project, stack)
    except StateCorrupt as error:
        return f"{error.path}: {error.reason}"
    return ""


def _moment(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0


def put_aside(path: Path) -> Path | None:
    """Give a damaged state file another name, under which Pulumi does not see it."""
    if not path.exists():
        return None
    number = 1
    while (aside_path := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside_path)
    return aside_path
