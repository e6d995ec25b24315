"""Changes of the versions in a keyring, each under the lock of the keyrings, so that none is lost to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from moothall.file_lock import folder_lock
from moothall.keys.key_versions import KeyVersions
from moothall.keys.keyring import Keyring, MakeCipher, open_keyring, write_keyring
from moothall.keys.keyring_file import keyring_path, salt_line

Change = Callable[[KeyVersions, int], KeyVersions]
"""Makes other versions of those in a keyring, with the sequence that it has then."""


def advance(state: Path, partnership: str, whose: str, cipher: MakeCipher, *, seen: int = 0) -> Keyring:
    """Count up for a council by uid, or for PARTNERSHIP, and return the keyring, newer than any that was `seen`.

    Raises OperationError, as all here do, when the keyring cannot be opened.
    """
    return _change(state, partnership, cipher, lambda versions, since: versions.advance(whose, since), seen)


def retire(state: Path, partnership: str, council: str, uid: str, cipher: MakeCipher) -> None:
    """See to it that no key of a council that leaves is ever in use again, whoever takes its name later."""
    _change(state, partnership, cipher, lambda versions, since: versions.retire(council, uid, since))


def seal(state: Path, partnership: str, cipher: MakeCipher) -> Keyring:
    """Seal a keyring of the form of before, whose keys stay what they are, and return it; another stays as it is."""
    with folder_lock(keyring_path(state, partnership).parent):
        keyring = open_keyring(state, partnership, cipher, create=False)
        if not keyring.sequence:
            write_keyring(state, keyring, cipher(salt_line(state, partnership)))
            keyring = open_keyring(state, partnership, cipher, create=False)
    return keyring


def _change(state: Path, partnership: str, cipher: MakeCipher, change: Change, seen: int = 0) -> Keyring:
    """Put a keyring with other versions, and a higher sequence, in place of the one that is there."""
    with folder_lock(keyring_path(state, partnership).parent):
        keyring = open_keyring(state, partnership, cipher, create=False)
        sequence = max(keyring.written_sequence(), seen) + 1
        changed_keyring = replace(keyring, versions=change(keyring.versions, sequence), sequence=sequence)
        write_keyring(state, changed_keyring, cipher(salt_line(state, partnership)))
    return changed_keyring
