"""A keyring as it was before it was sealed."""

from __future__ import annotations

import json
from pathlib import Path

from moothall.pulumi_engine.state.passphrase import Passphrase


def unseal(path: Path, passphrase: str) -> None:
    """Give a keyring that was never rotated the form in which the key alone is encrypted."""
    ring = json.loads(path.read_text())
    cipher = Passphrase(passphrase, ring["salt"])
    [master] = json.loads(cipher.decrypt(ring.pop("sealed")))["masters"].values()
    ring.pop("people", None)
    path.write_text(json.dumps({**ring, "version": 1, "master": cipher.encrypt(master)}))
