"""A keyring as it was before it was sealed."""

from __future__ import annotations

import json
from pathlib import Path

from moothall.pulumi_engine.state.passphrase import Passphrase


def unseal(path: Path, passphrase: str, *, one_authority: bool = False) -> None:
    """Give a keyring that was never rotated the form in which the key alone is encrypted.

    Really one of before had `one_authority`, and then what stands by the keyring as it was changes with it.
    """
    ring = json.loads(path.read_text())
    cipher = Passphrase(passphrase, ring["salt"])
    [master] = json.loads(cipher.decrypt(ring.pop("sealed")))["masters"].values()
    if one_authority:
        del ring["people"]
    path.write_text(json.dumps({**ring, "version": 1, "master": cipher.encrypt(master)}))
