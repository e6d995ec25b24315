"""The file of a keyring: where it lies, what anybody may read of it, and how it is told that it cannot be used.

A partnership has a file of its own below `<state>/keyring/`, so that taking on a second partnership does not
rewrite the key of the first. Whoever loses this file loses every password derived from it; nothing here deletes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moothall import atomic_file, json_text
from moothall.failures import OperationError
from moothall.keys.key_versions import FIRST, OF_MACHINES, FormerVersion, KeyVersion, KeyVersions

UNSEALED, SEALED = 1, 2
"""The versions of the form: in the first the generations stood beside the encrypted key, open to any change."""
PlainVersion = int | list[int | str]
Plain = dict[str, object]
"""Versions as JSON-able data: a number, or a number, a salt and the change with which it began."""


def keyring_path(state: Path, partnership: str) -> Path:
    """Return where the partnership's master keys are kept below the state directory."""
    return state / "keyring" / f"{partnership}.json"


def any_key(state: Path) -> bool:
    """Say whether any partnership has a key below the state directory, so that a passphrase is needed to go on."""
    return any((state / "keyring").glob("*.json"))


def key_id(state: Path, partnership: str) -> str | None:
    """Return the public id of the partnership's key, None when there is no key yet.

    It marks what was stood up with this key, so that another state never takes it for its own.
    """
    return _read_public_member(keyring_path(state, partnership), "id")


def salt_line(state: Path, partnership: str) -> str | None:
    """Return the salt line under which the partnership's key is encrypted, None when there is no key yet."""
    return _read_public_member(keyring_path(state, partnership), "salt")


def public_versions(state: Path, partnership: str) -> KeyVersions:
    """Return the public form of the versions in use, for who has no passphrase; those of a new key when there is none.

    They say what has to be looked at, and nothing is derived from them: whoever opens the keyring holds them against
    what is sealed. Raises OperationError for a damaged file.
    """
    path = keyring_path(state, partnership)
    return decode_versions(path, read_ring(path)) if path.exists() else KeyVersions()


def read_ring(path: Path) -> dict[str, Any]:
    """Return the members of a keyring. Raises OperationError when they cannot be read, and OSError for no file."""
    try:
        ring = json_text.parse(path.read_text(encoding="utf-8"))
        if not isinstance(ring, dict):
            raise ValueError("it is no object")
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise damaged_keyring(path, error) from error
    return ring


def write_ring(path: Path, ring: Mapping[str, object]) -> None:
    """Replace a keyring; a crash at any moment leaves the old file or the new one."""
    atomic_file.replace(path, ring_bytes(ring), durable=True)


def ring_bytes(ring: Mapping[str, object]) -> bytes:
    """Return the members of a keyring as the content of its file."""
    return (json.dumps(ring, indent=2) + "\n").encode()


def encode_versions(versions: KeyVersions) -> Plain:
    """Return versions as members of a keyring; those that are the first have none."""
    plain: Plain = {
        "generations": {whose: _encode(version) for whose, version in versions.generations.items()},
        "left": {council: _encode(version) for council, version in versions.left.items()},
        "authorities": [] if versions.authorities == (FIRST,) else [*map(_encode, versions.authorities)],
        "people": [] if versions.people == (OF_MACHINES,) else [*map(_encode, versions.people)],
        "repositories": [] if versions.repositories == FIRST else _encode(versions.repositories),
        "former": [_encode_former(former) for former in versions.former],
    }
    return {member: entries for member, entries in plain.items() if entries}


def decode_versions(path: Path, ring: Mapping[str, Any]) -> KeyVersions:
    """Return the versions in a keyring, or in what is sealed in it. Raises OperationError where they are none."""
    try:
        return KeyVersions(
            {whose: _decode(plain) for whose, plain in ring.get("generations", {}).items()},
            {council: _decode(plain) for council, plain in ring.get("left", {}).items()},
            tuple(map(_decode, ring.get("authorities", ()))) or (FIRST,),
            tuple(map(_decode, ring.get("people", ()))) or (OF_MACHINES,),
            _decode(ring.get("repositories", 1)),
            tuple(FormerVersion(_decode(plain), int(until)) for *plain, until in ring.get("former", ())),
        )
    except (AttributeError, ValueError, TypeError) as error:
        raise damaged_keyring(path, error) from error


def damaged_keyring(path: Path, error: Exception) -> OperationError:
    """Return the failure for a keyring that cannot be read as one."""
    return OperationError(
        f"The keyring {path} cannot be read ({error.__class__.__name__}: {error}).",
        state="Nothing was changed. Without this file no password of the partnership can be derived again.",
        hint=_put_back(path),
    )


def altered_keyring(path: Path, what: str) -> OperationError:
    """Return the failure for a keyring that somebody has written into who could not open it."""
    return OperationError(
        f"Somebody has altered the keyring {path}: {what}.",
        state="Nothing was changed. Going on might put back keys that others know.",
        hint=_put_back(path),
    )


def _put_back(path: Path) -> str:
    return f"cp BACKUP_OF_THE_STATE/keyring/{path.name} {path}"


def _encode(version: KeyVersion) -> PlainVersion:
    return [*version] if version.salt else version.number


def _encode_former(former: FormerVersion) -> list[int | str]:
    return [*former.version, former.until]


def _decode(plain: object) -> KeyVersion:
    """Return a version; one without a salt is a bare number. Raises ValueError and TypeError for what is none."""
    number, salt, since = plain if isinstance(plain, list) else (plain, "", 0)
    if not isinstance(number, int) or not isinstance(salt, str) or not isinstance(since, int) or number < 0:
        raise ValueError(f"{plain!r} is no generation")
    bytes.fromhex(salt)
    return KeyVersion(number, salt, since)


def _read_public_member(path: Path, member: str) -> str | None:
    try:
        return str(read_ring(path)[member])
    except FileNotFoundError:
        return None
    except KeyError as error:
        raise damaged_keyring(path, error) from error
