"""Files as a tar, the form in which an engine takes them; they belong to root:root unless an owner is said."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping
from typing import NamedTuple

READABLE = 0o440
"""For root and its group, in which every service is."""


class Entry(NamedTuple):
    """One file: its path in the archive, its content and its mode."""

    path: str
    content: bytes
    mode: int


def pack_tar(entries: Iterable[Entry], owner: int = 0) -> bytes:
    """Return the archive; nothing in it tells when it was made."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for path, content, mode in entries:
            info = tarfile.TarInfo(path)
            info.size, info.mode, info.uid = len(content), mode, owner
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def texts(files: Mapping[str, str], owner: int = 0) -> bytes:
    """Return the archive of texts by their paths, to be read by their owner and by group 0 alone."""
    return pack_tar((Entry(path, text.encode(), READABLE) for path, text in files.items()), owner)


def join(pieces: Iterable[bytes], most: int) -> bytes | None:
    """Return an archive that comes in pieces, None as soon as it has more than `most` bytes: whoever made what is in
    it may have made it endless."""
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > most:
            return None
    return bytes(whole)
