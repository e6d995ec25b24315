"""The lock of a folder that an export is written into, or run from, as long as that lasts.

The stacks' locks are not enough: two councils, or two states, may name the same folder.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from moothall.failures import BLOCKED, OperationError
from moothall.file_lock import try_lock
from moothall.pulumi_engine.state.lock import owner_of


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold a folder, which need not be there, against every other process; one that has died holds nothing.

    It is a file beside the folder, for the folder itself is exchanged meanwhile. Where files cannot be locked (some
    network file systems) there is no lock. Raises OperationError (blocked) with who holds it, and OSError.
    """
    place = Path(os.path.realpath(folder))
    lock_file = place.with_name(f".{place.name}.lock")
    descriptor = _take(lock_file, folder)
    try:
        owner = {"pid": os.getpid(), "hostname": socket.gethostname(), "timestamp": datetime.now(UTC).isoformat()}
        os.truncate(descriptor, 0)  # somebody who died may have left his name
        os.write(descriptor, json.dumps(owner).encode())
        yield
    finally:
        lock_file.unlink(missing_ok=True)  # while it is held: afterwards it may be the next one's
        os.close(descriptor)


def _take(lock_file: Path, folder: Path) -> int:
    """Return the open lock file, which is held, and at its path."""
    while True:
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if not try_lock(descriptor):
            os.close(descriptor)
            raise _held_error(lock_file, folder)
        if _is_at(descriptor, lock_file):
            return descriptor
        os.close(descriptor)  # whoever held it has removed it since it was opened


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _held_error(lock_file: Path, folder: Path) -> OperationError:
    owner = owner_of(lock_file)
    is_named = {"pid", "hostname", "timestamp"} <= owner.keys()
    holder = f"process {owner['pid']} on {owner['hostname']} since {owner['timestamp']}" if is_named else "somebody"
    hint = "do the same again when that has ended, or name another folder"
    return OperationError(
        f"{folder} is worked on by {holder}", state="Nothing was touched.", hint=hint, exit_code=BLOCKED
    )
