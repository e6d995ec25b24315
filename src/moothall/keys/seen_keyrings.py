"""How new the keyring was that this user has last used, kept with the user's own passphrase and never in the state.

A whole keyring of an earlier day is sound in itself: it was sealed with the same passphrase. Put in the place of the
present one it would bring keys back that others know. Who can write the state can do so, and whoever puts a backup back
does so without knowing. So what each user has seen is remembered where neither of them writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from moothall import atomic_file, private
from moothall.failures import OperationError
from moothall.keys.keyring import Keyring
from moothall.keys.passphrase import own_file

_KEY_ID = re.compile("[0-9a-f]+")


def last_seen(environment: Mapping[str, str], keyring: Keyring) -> int:
    """Return the highest sequence that the user has seen of the keyring of this key; 0 where there is none."""
    try:
        return int(_path(environment, keyring).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def remember(environment: Mapping[str, str], keyring: Keyring) -> None:
    """Remember how new a keyring is, unless it was never changed; where nothing can be written nothing is."""
    if keyring.sequence > max(1, last_seen(environment, keyring)):
        path = _path(environment, keyring)
        with suppress(OSError):
            private.folder(path.parent)
            atomic_file.replace(path, f"{keyring.sequence}\n".encode(), durable=True)


def refuse_older(environment: Mapping[str, str], keyring: Keyring, used: int = 0) -> None:
    """Raise OperationError for a keyring that is older than the one that the user has last seen, or that was `used`."""
    if keyring.sequence >= max(used, last_seen(environment, keyring)):
        return
    raise OperationError(
        f"The keyring of {keyring.partnership} is older than the one that was used last: "
        "keys that were exchanged since would come back",
        state="Nothing was changed. If the newer keyring is lost, everybody needs new keys.",
        hint=f"moothall keys rotate --partnership {keyring.partnership}  # or put the newer keyring back",
    )


def _path(environment: Mapping[str, str], keyring: Keyring) -> Path:
    name = keyring.key_id if _KEY_ID.fullmatch(keyring.key_id) else "unknown"
    return own_file(environment).with_name("keyrings") / name
