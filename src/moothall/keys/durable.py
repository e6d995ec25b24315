"""Files that hold secrets: for their owner alone, whole under their name or not there, and on disk before going on."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moothall import private


def create(path: Path, text: str) -> None:
    """Write a new file and the folder for it; one that is there already, maybe by another process, stays as it is."""
    private.folder(path.parent)
    with _beside(path, text) as finished_file:
        try:
            os.link(finished_file, path)  # a link never replaces a file, so the first of two processes wins
        except FileExistsError:
            return
    _sync(path.parent)


def replace(path: Path, text: str) -> None:
    """Write a file anew; a crash at any moment leaves the old one or the new one."""
    with _beside(path, text) as finished_file:
        os.replace(finished_file, path)


def sweep(folder: Path) -> None:
    """Delete the unfinished files of processes of this machine that are gone."""
    for path in folder.glob(".*.*.*"):
        process = path.name.split(".")[-2]
        if process.isdecimal() and not os.path.exists(f"/proc/{process}"):
            path.unlink(missing_ok=True)


@contextmanager
def _beside(path: Path, text: str) -> Iterator[Path]:
    """Give a finished file beside the path, which is gone afterwards unless it was given another name."""
    finished_file = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(finished_file, "x", encoding="utf-8", opener=private.opener) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield finished_file
    finally:
        finished_file.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
