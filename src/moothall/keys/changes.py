"""Changes of a keyring, each under the lock of the keyrings, so that none is lost to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from moothall.failures import OperationError
from moothall.file_lock import folder_lock
from moothall.keys.key_versions import PARTNERSHIP, KeyVersions
from moothall.keys.keyring import Keyring, MakeCipher, new_master, open_keyring, write_keyring
from moothall.keys.keyring_file import keyring_path, salt_line

Change = Callable[[Keyring, int], Keyring]
"""Makes another keyring of one, whose sequence is then the number that is given."""
HandOver = Callable[[Keyring, Keyring], None]
"""Has what a keyring has sealed sealed by the next one, too, before that is written."""


def advance(state: Path, partnership: str, whose: str, cipher: MakeCipher, *, seen: int = 0) -> Keyring:
    """Count up for a council by uid, or for PARTNERSHIP, and return the keyring, newer than any that was `seen`.

    Raises OperationError, as all here do, when the keyring cannot be opened.
    """

    def change(keyring: Keyring, since: int) -> Keyring:
        return replace(keyring, versions=keyring.versions.advance(whose, since))

    return _change(state, partnership, cipher, change, seen)


def exchange_master(
    state: Path,
    partnership: str,
    cipher: MakeCipher,
    until: int,
    hand_over: HandOver = lambda keyring, next_keyring: None,
    *,
    seen: int = 0,
) -> Keyring:
    """Begin with a new master key, from which all keys of PARTNERSHIP derive, and a second authority; as `advance`.

    Backups go into new repositories; the former are kept `until` then, in seconds since 1970. What the present keyring
    has sealed is handed over to the new one first. Raises OperationError also where the authority is being exchanged
    already.
    """

    def begin(keyring: Keyring, since: int) -> Keyring:
        if keyring.versions.is_exchanging:
            raise OperationError(
                f"The master key of {partnership} is being exchanged already: two authorities are trusted.",
                state="Nothing was changed.",
                hint=f"moothall up --partnership {partnership}  # goes on with it",
            )
        versions = keyring.versions.advance(PARTNERSHIP, since).begin_exchange(since, until)
        next_keyring = replace(keyring, masters={**keyring.masters, since: new_master()}, versions=versions)
        hand_over(keyring, next_keyring)
        return next_keyring

    return _change(state, partnership, cipher, begin, seen)


def go_on(state: Path, partnership: str, cipher: MakeCipher, phase: KeyVersions) -> Keyring:
    """Begin the phase of an exchange of the authority that comes after `phase`, unless somebody was faster.

    `phase` is the public form of the versions that everything follows. Returns the keyring.
    """

    def change(keyring: Keyring, since: int) -> Keyring:
        is_same = keyring.versions.public().authorities == phase.authorities
        return _without_spent_masters(keyring, keyring.versions.go_on()) if is_same else keyring

    return _change(state, partnership, cipher, change)


def forget_repositories(state: Path, partnership: str, cipher: MakeCipher, now: int) -> Keyring:
    """Forget the ciphers of former repositories whose time is over, in seconds since 1970, and return the keyring."""

    def change(keyring: Keyring, since: int) -> Keyring:
        return _without_spent_masters(keyring, keyring.versions.forget(now))

    return _change(state, partnership, cipher, change)


def _without_spent_masters(keyring: Keyring, versions: KeyVersions) -> Keyring:
    """Return the keyring with these versions, and without the master keys from which nothing derives any more."""
    needed = {max(keyring.masters), *map(keyring.master_at, versions.all_beginnings())}
    masters = {since: master for since, master in keyring.masters.items() if since in needed}
    return replace(keyring, masters=masters, versions=versions)


def retire(state: Path, partnership: str, council: str, uid: str, cipher: MakeCipher) -> None:
    """See to it that no key of a council that leaves is ever in use again, whoever takes its name later."""

    def change(keyring: Keyring, since: int) -> Keyring:
        return replace(keyring, versions=keyring.versions.retire(council, uid, since))

    _change(state, partnership, cipher, change)


def seal(state: Path, partnership: str, cipher: MakeCipher) -> Keyring:
    """Seal a keyring of the form of before, whose keys stay what they are, and return it; another stays as it is."""
    with folder_lock(keyring_path(state, partnership).parent):
        keyring = open_keyring(state, partnership, cipher, create=False)
        if not keyring.sequence:
            write_keyring(state, keyring, cipher(salt_line(state, partnership)))
            keyring = open_keyring(state, partnership, cipher, create=False)
    return keyring


def _change(state: Path, partnership: str, cipher: MakeCipher, change: Change, seen: int = 0) -> Keyring:
    """Put a changed keyring, with a higher sequence, in place of the one that is there."""
    with folder_lock(keyring_path(state, partnership).parent):
        keyring = open_keyring(state, partnership, cipher, create=False)
        sequence = max(keyring.written_sequence(), seen) + 1
        changed_keyring = replace(change(keyring, sequence), sequence=sequence)
        write_keyring(state, changed_keyring, cipher(salt_line(state, partnership)))
    return changed_keyring
