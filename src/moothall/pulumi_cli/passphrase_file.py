"""How the CLI gets the passphrase: as a file without a name that it inherits, so that no folder ever holds it."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from moothall import private

_NAME = "moothall-passphrase"
_SEALS = ("F_SEAL_WRITE", "F_SEAL_GROW", "F_SEAL_SHRINK", "F_SEAL_SEAL")


@dataclass(frozen=True)
class PassphraseFile:
    """The path by which the CLI can open the file repeatedly, and the descriptors that it must inherit for that."""

    path: str
    descriptors: tuple[int, ...] = ()


@contextmanager
def provide_passphrase(passphrase: str) -> Iterator[PassphraseFile]:
    """Keep the passphrase ready for programs that are started meanwhile.

    On Linux it is in memory alone (memfd_create(2)), and gone with the last process that has it open, however that
    ended. Elsewhere it is a file in a private folder outside of the state, which a `kill -9` leaves there.
    """
    if hasattr(os, "memfd_create"):
        descriptor = _in_memory(passphrase)
        try:
            yield PassphraseFile(f"/proc/self/fd/{descriptor}", (descriptor,))
        finally:
            os.close(descriptor)
    else:
        with passphrase_on_disk(passphrase) as path:
            yield PassphraseFile(str(path))


@contextmanager
def passphrase_on_disk(passphrase: str) -> Iterator[Path]:
    """The passphrase in a file that only this user can read, in a folder that only this user can enter."""
    with TemporaryDirectory(prefix=f"{_NAME}-", dir=_own_runtime_folder()) as folder:
        path = Path(folder) / "passphrase"
        private.write(path, passphrase)
        yield path


def _in_memory(passphrase: str) -> int:
    """A sealed file in memory; each time it is opened by its number it is read from its beginning."""
    descriptor = os.memfd_create(_NAME, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.fchmod(descriptor, stat.S_IRUSR)
        with open(descriptor, "wb", closefd=False) as file:
            file.write(passphrase.encode())
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, sum(getattr(fcntl, name) for name in _SEALS))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _own_runtime_folder() -> str | None:
    """The folder that ends with this user's last session, where there is one that is this user's alone."""
    path = os.environ.get("XDG_RUNTIME_DIR", "")
    try:
        status = os.stat(path)
    except OSError:
        return None
    is_private = (
        stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & 0o077
    )
    return path if is_private else None
