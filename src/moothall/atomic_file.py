"""Files written in one step: under their name is the old file or the new one, whenever a process dies.

The content goes into a temporary file beside, `.NAME.PROCESS.MARK`, which then takes the name. All functions raise
OSError and leave what was there; the temporary file is deleted then. Only a process that is killed leaves one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from moothall import private

_RUN = os.urandom(4).hex()
"""Begins the marks of this process: another one had the same number before, when each has a container of its own."""
_numbers = count()
_HEX_DIGITS = frozenset("0123456789abcdef")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL  # which does not follow a link that somebody has put there


def replace(
    path: Path,
    content: bytes,
    *,
    durable: bool,
    keeps_access: bool = False,
    backup: Path | None = None,
    temporary_folder: Path | None = None,
) -> None:
    """Write a file in place of the one that is there, if any; it is of mode 0600. Its folder must be there.

    A `durable` one is on disk before it takes the name: a power cut leaves the old file or the new one, not an empty
    one. With `keeps_access` there must be an old file, whose mode and owner the new one has. Under the name `backup`
    the old file stays. `temporary_folder`, on the same file system, holds the temporary file where `path.parent` is
    read by whoever takes every file for one of its own.
    """
    access = path.stat() if keeps_access else None
    with _temporary_file(path, content, temporary_folder, durable=durable, access=access) as temporary_path:
        if backup:
            _link(path, backup)
        os.replace(temporary_path, path)


def create(path: Path, content: bytes, *, durable: bool, mode: int = private.FILE_MODE) -> bool:
    """Write a new file and return True; one that is there, maybe by another process, stays, and False is returned.

    The umask takes its bits off `mode`. Content and name of a `durable` one are on disk on return.
    """
    with _temporary_file(path, content, durable=durable, mode=mode) as temporary_path:
        try:
            os.link(temporary_path, path)  # a link never replaces a file, so the first of two processes wins
        except FileExistsError:
            return False
        finally:
            os.unlink(temporary_path)
    if durable:
        _sync_folder(path.parent)
    return True


def sweep(folder: Path, start: str = "") -> None:
    """Delete the temporary files of processes of this machine that are gone, for names that begin with `start`."""
    for name in os.listdir(folder) if folder.is_dir() else ():
        if name.startswith(f".{start}") and _is_abandoned(name):
            (folder / name).unlink(missing_ok=True)


def _is_abandoned(name: str) -> bool:
    """Say whether a hidden file's name is that of a temporary file whose process is gone."""
    *_, process, mark = name.rsplit(".", 2)
    if not process.isdecimal() or len(mark) < len(_RUN) or not _HEX_DIGITS.issuperset(mark):
        return False
    if process == str(os.getpid()):
        return not mark.startswith(_RUN)
    return not os.path.exists(f"/proc/{process}")


@contextmanager
def _temporary_file(
    path: Path,
    content: bytes,
    folder: Path | None = None,
    *,
    durable: bool,
    mode: int = private.FILE_MODE,
    access: os.stat_result | None = None,
) -> Iterator[Path]:
    """Give a closed temporary file for `path` with the content; it is deleted when the block raises."""
    temporary_path = _temporary_path(path, folder or path.parent)
    descriptor = os.open(temporary_path, _NEW_FILE, mode)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            if access:
                _set_access(file.fileno(), access)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        yield temporary_path
    except BaseException:
        temporary_path.unlink(missing_ok=True)
        raise


def _temporary_path(path: Path, folder: Path) -> Path:
    return folder / f".{path.name}.{os.getpid()}.{_RUN}{next(_numbers):x}"


def _set_access(descriptor: int, access: os.stat_result) -> None:
    if (access.st_uid, access.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, access.st_uid, access.st_gid)
    os.fchmod(descriptor, access.st_mode & 0o7777)  # after the owner, whose change takes bits away


def _link(path: Path, other_path: Path) -> None:
    """Give a file, if it is there, a second name in place of what has that name."""
    temporary_path = _temporary_path(other_path, other_path.parent)
    with suppress(FileNotFoundError):
        os.link(path, temporary_path)
        try:
            os.replace(temporary_path, other_path)
        finally:
            temporary_path.unlink(missing_ok=True)  # it is still there too where both names were of one file already


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
