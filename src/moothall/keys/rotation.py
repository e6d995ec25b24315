"""A new passphrase: where it comes from, and sealing the keyrings with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moothall import atomic_file
from moothall.failures import OperationError
from moothall.file_lock import folder_lock
from moothall.keys.keyring import MakeCipher, open_keyring, write_keyring
from moothall.keys.keyring_file import any_key
from moothall.keys.passphrase import FILE_VARIABLES, TEXT_VARIABLES, create_random, from_file, own_file
from moothall.pulumi_engine.errors import BadPassphrase


@dataclass(frozen=True)
class NewPassphrase:
    """The new passphrase; `pending_file` holds it until it becomes the user's own file, None where it does not."""

    text: str
    source: Path
    pending_file: Path | None

    def finish(self) -> str:
        """Make it the one in use, as far as that is ours to do; returns what is left for people."""
        if self.pending_file is None:
            return f"From now on: export MOOTHALL_PASSPHRASE_FILE={self.source.resolve()}"
        os.replace(self.pending_file, self.source)
        return f"The new passphrase is in {self.source}; keep a copy of it in a safe place."


def new_passphrase(environment: Mapping[str, str], file: Path | None) -> NewPassphrase:
    """Return the new passphrase: that in `file`, else a random one for the user's own file.

    The random one is written beside the user's own file before anything is sealed with it, so that nothing is lost
    when the work is interrupted; the next attempt goes on with it. Raises OperationError when a variable names the
    present passphrase and no file the new one, and when the new one is too short.
    """
    if file is not None:
        return NewPassphrase(from_file(file, None), file, None)
    variable = next((name for name in (*FILE_VARIABLES, *TEXT_VARIABLES) if name in environment), None)
    if variable is not None:
        raise OperationError(
            f"The passphrase is the one that {variable} names, so the new one has to be named too.",
            state="Nothing was changed.",
            hint="moothall keys rotate --passphrase --new-passphrase-file FILE",
        )
    user_file = own_file(environment)
    pending_file = user_file.with_name(f"{user_file.name}.next")
    if not pending_file.exists():
        create_random(pending_file)
    return NewPassphrase(from_file(pending_file, None), user_file, pending_file)


def rekey_keyrings(state: Path, make_old_cipher: MakeCipher, make_new_cipher: MakeCipher) -> int:
    """Seal every keyring below the state directory with the new passphrase; how many were changed.

    One that the new passphrase opens already is left alone, and what a killed run left half written goes. Raises
    OperationError for one that neither opens.
    """
    if not any_key(state):
        return 0
    with folder_lock(state / "keyring"):
        paths = sorted((state / "keyring").glob("*.json"))
        count = sum(_rekey(state, path.stem, make_old_cipher, make_new_cipher) for path in paths)
        atomic_file.sweep(state / "keyring")
    return count


def _rekey(state: Path, partnership: str, make_old_cipher: MakeCipher, make_new_cipher: MakeCipher) -> bool:
    try:
        keyring = open_keyring(state, partnership, make_old_cipher, create=False)
    except BadPassphrase:
        open_keyring(state, partnership, make_new_cipher, create=False)
        return False
    write_keyring(state, keyring, make_new_cipher(None))
    return True
