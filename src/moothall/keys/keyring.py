"""The keyring: what all keys of a partnership are derived from, sealed with the passphrase as one text.

The master key is random. One that is exchanged stays beside the new one while anything derives from it. The versions of
the keys are sealed together with the master keys, so that who can only write the file can neither change a number, nor
take a salt away, nor put a master key beside the versions of another day or of another partnership. What stands in the
clear beside the sealed text is held against it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from moothall import atomic_file, json_text, private
from moothall.failures import OPEN_STATE, OperationError
from moothall.keys.key_versions import FIRST, KeyVersions
from moothall.keys.keyring_file import (
    SEALED,
    UNSEALED,
    altered_keyring,
    damaged_keyring,
    decode_versions,
    encode_versions,
    keyring_path,
    read_ring,
    ring_bytes,
    write_ring,
)
from moothall.pulumi_engine.errors import MalformedSecret

MASTER_BYTES = 32
ID_BYTES = 6
_OF_NEW = KeyVersions(people=(FIRST,))
"""The versions of a new keyring; one from before has one authority for machines and people."""


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


@dataclass(frozen=True)
class Keyring:
    """An open keyring: the partnership's name, the public id of its key, the master keys, and the versions.

    A master key has 32 bytes, and is found by the change of the keyring with which it began. `sequence` rises with
    every change, so that of two keyrings the older one is known. It is 0 for one that is not sealed: of that nobody
    knows how old it is.
    """

    partnership: str
    key_id: str
    masters: Mapping[int, bytes] = field(repr=False)
    versions: KeyVersions = field(repr=False)
    sequence: int

    @property
    def master(self) -> bytes:
        """The newest master key."""
        return self.masters[max(self.masters)]

    def master_at(self, since: int) -> int:
        """Return the beginning of the master key from which a version derives that began with this change."""
        return max(beginning for beginning in self.masters if beginning <= since)

    def written_sequence(self) -> int:
        """Return the sequence with which it is sealed: one of before counts what was changed until then."""
        return self.sequence or 1 + self.versions.count_changes()


def open_keyring(state: Path, partnership: str, cipher: MakeCipher, *, create: bool) -> Keyring:
    """Return the partnership's keyring; with `create`, make one with a new master key when there is none yet.

    Raises `OperationError` when there is none and `create` is false, when the file is damaged or was altered, and when
    the passphrase does not open it. Two processes that create at once end with the same key.
    """
    path = keyring_path(state, partnership)
    if create and not path.exists():
        _create(path, cipher)
    try:
        ring = read_ring(path)
    except FileNotFoundError as error:
        raise OperationError(
            f"There is no key for the partnership {partnership}: {path} does not exist.",
            state="Nothing was changed.",
            hint=f"moothall up --partnership {partnership} --state {state}",
        ) from error
    keyring = _open_ring(path, ring, cipher)
    if keyring.partnership != partnership or keyring.key_id != ring.get("id"):
        raise altered_keyring(path, f"it is that of {keyring.partnership}, with the key {keyring.key_id}")
    if keyring.versions.public() != decode_versions(path, ring):
        raise altered_keyring(path, "the generations beside the sealed text are not those that are sealed in it")
    return keyring


def write_keyring(state: Path, keyring: Keyring, cipher: Cipher) -> None:
    """Seal a keyring and put it in place of the one that is there; the cipher's salt line goes with it."""
    write_ring(keyring_path(state, keyring.partnership), _seal(keyring, cipher))


def new_master() -> bytes:
    """Return a master key that nobody has seen."""
    return secrets.token_bytes(MASTER_BYTES)


def _create(path: Path, cipher: MakeCipher) -> None:
    """Write a keyring with a new random key to `path`, unless another process was there first."""
    ring = _seal(Keyring(path.stem, secrets.token_hex(ID_BYTES), {0: new_master()}, _OF_NEW, 1), cipher(None))
    private.state(path.parents[1])
    private.folder(path.parent)
    atomic_file.create(path, ring_bytes(ring), durable=True)


def _seal(keyring: Keyring, cipher: Cipher) -> dict[str, Any]:
    """Return the members of a keyring's file: what anybody may read, and the sealed text."""
    text = {
        "partnership": keyring.partnership,
        "id": keyring.key_id,
        "masters": {str(since): master.hex() for since, master in keyring.masters.items()},
        "sequence": keyring.written_sequence(),
        **encode_versions(keyring.versions),
    }
    return {
        "version": SEALED,
        "id": keyring.key_id,
        "salt": cipher.salt_line,
        "sealed": cipher.encrypt(json.dumps(text)),
        **encode_versions(keyring.versions.public()),
    }


def _open_ring(path: Path, ring: Mapping[str, Any], cipher: MakeCipher) -> Keyring:
    """Return what the encrypted text of a keyring says, or, of the form of before, what stands beside it."""
    try:
        member = {UNSEALED: "master", SEALED: "sealed"}[ring["version"]]
        salt = str(ring["salt"])
    except (KeyError, TypeError) as error:
        raise damaged_keyring(path, error) from error
    if member not in ring:
        raise altered_keyring(path, f'its member "{member}" is missing')
    text = _open_text(path, cipher, salt, str(ring[member]))
    return _decode_sealed(path, text) if member == "sealed" else _decode_unsealed(path, text, ring)


def _open_text(path: Path, cipher: MakeCipher, salt: str, encrypted: str) -> str:
    """Return the text that is encrypted, or raise `OperationError` saying which of file and passphrase is wrong."""
    # The cipher comes from outside. Its failures say what is wrong; whatever else it raises, the key stays shut.
    try:
        return _decrypt(path, cipher(salt), encrypted)
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


def _decrypt(path: Path, cipher: Cipher, encrypted: str) -> str:
    """Return the text; where the passphrase opens the salt line and not the text, the text was altered."""
    try:
        return cipher.decrypt(encrypted)
    except MalformedSecret:
        raise
    except OperationError as error:
        raise altered_keyring(path, "what is sealed in it was cut, changed or taken from another keyring") from error


def _decode_unsealed(path: Path, text: str, ring: Mapping[str, Any]) -> Keyring:
    """Return a keyring of the form in which only the key was encrypted."""
    if text.startswith("{"):
        raise altered_keyring(path, "it is sealed, and was given the form of those that were not")
    versions = decode_versions(path, ring)
    if any(version.salt for version in (*versions.generations.values(), *versions.left.values())):
        raise altered_keyring(path, "it has salts, and the form of those that had none")
    return Keyring(path.stem, str(ring.get("id")), {0: _decode_key(path, text)}, versions, 0)


def _decode_sealed(path: Path, text: str) -> Keyring:
    """Return the keyring of a sealed text."""
    try:
        content = json_text.parse(text)
        partnership, key_id, sequence = str(content["partnership"]), str(content["id"]), int(content["sequence"])
        # Before master keys were exchanged there was one.
        texts = content["masters"] if "masters" in content else {"0": content["master"]}
        masters = {int(since): _decode_key(path, text) for since, text in texts.items()}
        if not masters:
            raise ValueError("it has no master key")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged_keyring(path, error) from error
    return Keyring(partnership, key_id, masters, decode_versions(path, content), sequence)


def _decode_key(path: Path, text: str) -> bytes:
    """Return the decrypted text as a key, or raise `OperationError` when it is none."""
    try:
        key = bytes.fromhex(text)
        if len(key) != MASTER_BYTES:
            raise ValueError(f"{len(key)} bytes instead of {MASTER_BYTES}")
    except ValueError as error:
        raise damaged_keyring(path, error) from error
    return key
