"""A new passphrase: where it comes from, and sealing the keyrings with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moothall.failures import OperationError
from moothall.keys import durable
from moothall.keys.key_versions import change
from moothall.keys.keyring import MakeCipher, as_key, damaged
from moothall.keys.passphrase import FILE_VARIABLES, TEXT_VARIABLES, create_random, from_file, own_file


@dataclass(frozen=True)
class NewPassphrase:
    """The passphrase to come; `waiting` is where it waits when it is to become the user's own file."""

    text: str
    source: Path
    waiting: Path | None

    def finish(self) -> str:
        """Make it the one in use, as far as that is ours to do; returns what is left for people."""
        if self.waiting is None:
            return f"From now on: export MOOTHALL_PASSPHRASE_FILE={self.source.resolve()}"
        os.replace(self.waiting, self.source)
        return f"The new passphrase is in {self.source}; keep a copy of it in a safe place."


def new_passphrase(environment: Mapping[str, str], file: Path | None) -> NewPassphrase:
    """Return the new passphrase: that in `file`, else a random one for the user's own file.

    The random one is written beside the user's own file before anything is sealed with it, so that nothing is lost
    when the work is interrupted; the next attempt goes on with it. Raises OperationError when a variable names the
    present passphrase and no file the new one, and when the new one is too short.
    """
    if file is not None:
        return NewPassphrase(from_file(file, None), file, None)
    named = next((name for name in (*FILE_VARIABLES, *TEXT_VARIABLES) if name in environment), None)
    if named is not None:
        raise OperationError(
            f"The passphrase is the one that {named} names, so the new one has to be named too.",
            state="Nothing was changed.",
            hint="moothall keys rotate --passphrase --new-passphrase-file FILE",
        )
    own = own_file(environment)
    waiting = own.with_name(f"{own.name}.next")
    if not waiting.exists():
        create_random(waiting)
    return NewPassphrase(from_file(waiting, None), own, waiting)


def rekey_keyrings(state: Path, old: MakeCipher, new: MakeCipher) -> int:
    """Seal every keyring below the state directory with the new passphrase; how many were changed.

    One that the new passphrase opens already is left alone, and what a killed run left half written goes. Raises
    OperationError for one that neither opens.
    """
    changed = sum(_rekey(path, old, new) for path in sorted((state / "keyring").glob("*.json")))
    durable.sweep(state / "keyring")
    return changed


def _rekey(path: Path, old: MakeCipher, new: MakeCipher) -> bool:
    try:
        ring = json.loads(path.read_text(encoding="utf-8"))
        salt, encrypted = str(ring["salt"]), str(ring["master"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, error) from error
    try:
        key = as_key(path, old(salt).decrypt(encrypted))
    except OperationError:
        as_key(path, new(salt).decrypt(encrypted))
        return False
    fresh = new(None)
    change(path, {"salt": fresh.salt_line, "master": fresh.encrypt(key.hex())})
    return True
