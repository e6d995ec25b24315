"""A new passphrase for all states of a backend: every secret is opened with the old one and sealed with the new one.

Each file is replaced as a whole, and one that opens with the new passphrase already is left alone: whoever was
interrupted runs it again. Old versions and backups, Pulumi's own among them, are sealed anew too. Whatever else the old
passphrase still opens, such as logs of Pulumi's CLI and what a killed run left half written, is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from moothall import atomic_file, json_text
from moothall.pulumi_engine.errors import BadPassphrase, StateCorrupt
from moothall.pulumi_engine.protocol.values import Json, is_sealed
from moothall.pulumi_engine.state import checkpoint, cli_leftovers, history, lock
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.passphrase import Passphrase


def rekey(backend: Backend, project: str, old: str, new: str) -> int:
    """Seal all states of the project with the passphrase `new` instead of `old`; how many files were changed.

    Every stack is locked meanwhile, and every state is opened before the first is changed. Raises Locked,
    StateCorrupt, and BadPassphrase when a state opens with neither. An old version that opens with neither is deleted.
    """
    new_crypter = Passphrase(new)
    stacks = sorted({*history.stacks(backend, project), *cli_leftovers.stacks(backend, project)})
    with lock.hold_all(backend, project, stacks):
        new_texts = {
            path: text
            for stack in stacks
            for path, text in _rekeyed_checkpoint(backend, project, stack, old, new_crypter, new)
        }
        for path, text in new_texts.items():
            atomic_file.replace(path, text.encode(), durable=True)
        old_count = sum(_old_versions(backend, project, stack, old, new_crypter, new) for stack in stacks)
        history.remove(cli_leftovers.files_opened_by(backend, old))
        return len(new_texts) + old_count


def _rekeyed_checkpoint(
    backend: Backend, project: str, stack: str, old: str, new_crypter: Passphrase, new: str
) -> Iterator[tuple[Path, str]]:
    path = backend.checkpoint(project, stack)
    if path.exists():
        checkpoint.fold(backend, project, stack)
        text = _reseal(path, old, new_crypter, new)
        if text is not None:
            yield path, text


def _old_versions(backend: Backend, project: str, stack: str, old: str, new_crypter: Passphrase, new: str) -> int:
    path, change_count = backend.checkpoint(project, stack), 0
    copies = [*path.parent.glob(f"{path.name}.bak"), *path.parent.glob(f"{path.name}.*damaged-*")]
    versions = [version.path for version in history.versions(backend, project, stack)]
    for file in [*copies, *versions, *cli_leftovers.backups(backend, project, stack)]:
        try:
            text = _reseal(file, old, new_crypter, new)
        except (BadPassphrase, StateCorrupt):
            history.remove([file])
            continue
        if text is not None:
            atomic_file.replace(file, text.encode(), durable=True)
            change_count += 1
    return change_count


def _reseal(path: Path, old: str, new_crypter: Passphrase, new: str) -> str | None:
    """The text of a checkpoint under the new passphrase, None when it is so already or holds no secret."""
    try:
        whole = json_text.parse(path.read_text())
        latest = whole["checkpoint"].get("latest") or {}
        salt = ((latest.get("secrets_providers") or {}).get("state") or {}).get("salt")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateCorrupt(str(path), f"it is not a whole checkpoint ({error})") from error
    if salt is None:
        return None
    try:
        old_crypter = Passphrase(old, salt)
    except BadPassphrase:
        Passphrase(new, salt)  # refuses too, unless an interrupted run has been here
        return None
    latest = _reencrypt(latest, old_crypter, new_crypter)
    latest["secrets_providers"]["state"]["salt"] = new_crypter.salt_line
    whole["checkpoint"]["latest"] = latest
    return json.dumps(checkpoint.with_own_digest(whole))


def _reencrypt(value: Json, old_crypter: Passphrase, new_crypter: Passphrase) -> Json:
    if is_sealed(value) and "ciphertext" in value:
        return {**value, "ciphertext": new_crypter.encrypt(old_crypter.decrypt(value["ciphertext"]))}
    if isinstance(value, Mapping):
        return {key: _reencrypt(item, old_crypter, new_crypter) for key, item in value.items()}
    if isinstance(value, list):
        return [_reencrypt(item, old_crypter, new_crypter) for item in value]
    return value
