"""The keyring: one random master key for each partnership, encrypted; the key itself is never made again.

A partnership has a file of its own below `<state>/keyring/`, so that taking on a second partnership does not
rewrite the key of the first. Whoever loses this file loses every password derived from it; nothing here deletes it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from moothall import atomic_file, private
from moothall.failures import OPEN_STATE, OperationError
from moothall.pulumi_engine.errors import MalformedSecret

MASTER_BYTES = 32
ID_BYTES = 6
VERSION = 1


class Cipher(Protocol):
    """Encrypts text under a passphrase; its salt line (no secret) is needed to make the same cipher again."""

    @property
    def salt_line(self) -> str:
        """The line from which, with the passphrase, the same cipher is made again."""

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted, printable."""

    def decrypt(self, text: str) -> str:
        """Return the text behind `text`; raises when it was encrypted otherwise."""


MakeCipher = Callable[[str | None], Cipher]
"""Makes a cipher from a salt line, or a new one from None; raises when the passphrase does not fit the salt."""


def keyring_path(state: Path, partnership: str) -> Path:
    """Return where the partnership's master key is kept below the state directory."""
    return state / "keyring" / f"{partnership}.json"


def any_key(state: Path) -> bool:
    """Say whether any partnership has a key below the state directory, so that a passphrase is needed to go on."""
    return any((state / "keyring").glob("*.json"))


def master_key(state: Path, partnership: str, cipher: MakeCipher, *, create: bool) -> bytes:
    """Return the partnership's 32-byte master key; with `create`, make it when there is none yet.

    Raises `OperationError` when there is none and `create` is false, when the file is damaged, and when the passphrase
    does not open it. Two processes that create at once end with the same key.
    """
    path = keyring_path(state, partnership)
    if not path.exists():
        if not create:
            raise OperationError(
                f"There is no key for the partnership {partnership}: {path} does not exist.",
                state="Nothing was changed.",
                hint=f"moothall up --partnership {partnership} --state {state}",
            )
        _create(path, cipher)
    return _read(path, cipher)


def key_id(state: Path, partnership: str) -> str | None:
    """Return the public id of the partnership's key, None when there is no key yet.

    It marks what was stood up with this key, so that another state never takes it for its own.
    """
    return _read_public_member(state, partnership, "id")


def salt_line(state: Path, partnership: str) -> str | None:
    """Return the salt line under which the partnership's key is encrypted, None when there is no key yet."""
    return _read_public_member(state, partnership, "salt")


def _read_public_member(state: Path, partnership: str, member: str) -> str | None:
    path = keyring_path(state, partnership)
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))[member])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged_keyring(path, error) from error


def _create(path: Path, cipher: MakeCipher) -> None:
    """Write a new random key to `path`, unless another process was there first."""
    new_cipher = cipher(None)
    ring = {
        "version": VERSION,
        "id": secrets.token_hex(ID_BYTES),
        "salt": new_cipher.salt_line,
        "master": new_cipher.encrypt(secrets.token_bytes(MASTER_BYTES).hex()),
    }
    private.state(path.parents[1])
    private.folder(path.parent)
    atomic_file.create(path, (json.dumps(ring, indent=2) + "\n").encode(), durable=True)


def _read(path: Path, cipher: MakeCipher) -> bytes:
    """Return the key in the file, or raise `OperationError` saying which of file and passphrase is wrong."""
    try:
        ring = json.loads(path.read_text(encoding="utf-8"))
        version, salt, encrypted = ring["version"], str(ring["salt"]), str(ring["master"])
        if version != VERSION:
            raise ValueError(f"version {version!r}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged_keyring(path, error) from error
    # The cipher comes from outside. Its failures say what is wrong; whatever else it raises, the key stays shut.
    try:
        salted_cipher = cipher(salt)
        text = _decrypt_key(path, salted_cipher, encrypted)
    except MalformedSecret as error:
        raise damaged_keyring(path, error) from error
    except OperationError:
        raise
    except Exception as error:
        raise OperationError(
            f"The passphrase does not open the keyring {path}.",
            state="Nothing was changed.",
            hint=OPEN_STATE,
        ) from error
    return decode_key(path, text)


def _decrypt_key(path: Path, cipher: Cipher, encrypted: str) -> str:
    """Return the text of the key; where the passphrase opens the salt line and not the key, the key was altered."""
    try:
        return cipher.decrypt(encrypted)
    except OperationError as error:
        raise damaged_keyring(path, error) from error


def decode_key(path: Path, text: str) -> bytes:
    """Return the decrypted text as a key, or raise `OperationError` when it is none."""
    try:
        key = bytes.fromhex(text)
        if len(key) != MASTER_BYTES:
            raise ValueError(f"{len(key)} bytes instead of {MASTER_BYTES}")
    except ValueError as error:
        raise damaged_keyring(path, error) from error
    return key


def damaged_keyring(path: Path, error: Exception) -> OperationError:
    """Return the failure for a keyring that cannot be read as one."""
    return OperationError(
        f"The keyring {path} cannot be read ({error.__class__.__name__}: {error}).",
        state="Nothing was changed. Without this file no password of the partnership can be derived again.",
        hint=f"cp BACKUP_OF_THE_STATE/keyring/{path.name} {path}",
    )
