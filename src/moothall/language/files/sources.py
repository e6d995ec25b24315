"""What is in the files that count: of a root on this machine, and of the catalogue that is shipped.

A file that cannot be used becomes a finding, never an exception: the others are still read.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from moothall.diagnostics import Diagnostic
from moothall.language.files.listing import MODULES, PARTNERSHIPS, Entry, ListedFile, Listing, finding, link
from moothall.model.characters import UNSEEN

MOST_BYTES = 1 << 20
"""One MiB: six hundred times the size of a usual file."""

_PLAIN = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
"""What nearly every file is made of: a glance is enough for those."""

# What YAML 1.2 keeps out of a file (section 5.1), NEL and a carriage return on its own: libyaml takes those, LS and PS
# for line breaks and editors do not, so that every line number after them would be wrong; and what nobody sees.
_UNFIT = f"\r(?!\n)|[^\t\n\r\x20-\x7e\xa0-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[{UNSEEN}]"

_OPENING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a named pipe would be waited for


class Source(NamedTuple):
    """One file: its path below the root, the kind its place gives it, and its text, None if it cannot be used.

    One that is `shipped` is of the catalogue that is the project's.
    """

    path: str
    kind: str
    text: str | None
    shipped: bool = False


def sources(root: Path, catalogue: Path | None) -> tuple[tuple[Source, ...], tuple[Diagnostic, ...]]:
    """Return every file that counts below `root`, and the modules of the catalogue `catalogue`, and what is wrong."""
    files, findings = list_files(root, catalogue)
    results = [source(file) for file in files]
    return tuple(item for item, _ in results), (*findings, *(finding for _, finding in results if finding))


def list_files(root: Path, catalogue: Path | None) -> tuple[list[ListedFile], list[Diagnostic]]:
    """Return the files that count below `root`, and what is wrong with its folders.

    Modules of the catalogue `catalogue` are among them, but for those of which the root has its own.
    """
    listing = Listing(_Disk())
    listing.partnerships(str(root / PARTNERSHIPS))
    listing.modules(str(root / MODULES))
    return [*listing.files, *shipped_modules((file.path for file in listing.files), catalogue)], listing.findings


def shipped_modules(own_paths: Iterable[str], catalogue: Path | None) -> list[ListedFile]:
    """Return the modules of the catalogue `catalogue`, but for those that are among a root's own paths by name."""
    names = {path.split("/")[1] for path in own_paths if path.startswith(f"{MODULES}/")}
    listing = Listing(_Disk())
    if catalogue:
        listing.modules(str(catalogue))
    files = [file._replace(shipped=True) for file in listing.files if file.place]
    return [file for file in files if file.path.split("/")[1] not in names]


class _Disk:
    """The folders of this machine."""

    def entries(self, place: str) -> Sequence[os.DirEntry[str]]:
        """Return what is in a folder, nothing where there is none; OSError where it may not be read."""
        try:
            with os.scandir(place) as iterator:
                return list(iterator)
        except FileNotFoundError:
            return ()

    def is_link(self, place: str) -> bool:
        """Say whether a link stands at a place."""
        return os.path.islink(place)

    def leads_to_file(self, entry: Entry) -> bool:
        """Say whether a link leads to a file; an absolute one leads elsewhere on every other machine."""
        return not os.path.isabs(os.readlink(entry.path)) and os.path.isfile(entry.path)


def source(file: ListedFile) -> tuple[Source, Diagnostic | None]:
    """Return a file with its text, or what is wrong with it."""
    text, wrong = _text(file.path, file.place) if file.place else (None, None)
    return Source(file.path, file.kind, text, shipped=file.shipped), wrong


def _text(path: str, place: str) -> tuple[str | None, Diagnostic | None]:
    """Return the text of a file, or what is wrong with it."""
    try:
        descriptor = os.open(place, _OPENING)
        try:
            mode = os.fstat(descriptor)
            data = _read(descriptor, mode.st_size) if stat.S_ISREG(mode.st_mode) else None
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None, missing_file(path)
    except OSError as error:
        return None, _open_failure(path, error)
    return (None, no_file(path)) if data is None else decode_text(path, data)


def _read(descriptor: int, size: int) -> bytes:
    """Return the bytes of an open file, which has about `size`, and no more than are needed to refuse it."""
    data = os.read(descriptor, min(size, MOST_BYTES) + 1)
    while len(data) != size and len(data) <= MOST_BYTES and (more := os.read(descriptor, MOST_BYTES + 1 - len(data))):
        data += more
    return data


def decode_text(path: str, data: bytes) -> tuple[str | None, Diagnostic | None]:
    """Return the text of a file's content without its byte order mark, or what is wrong with it."""
    if len(data) > MOST_BYTES:
        detail = "Split it, or leave data out of it."
        return None, finding(path, "file-too-large", "the file is larger than 1 MiB", detail)
    if not data.translate(None, _PLAIN):
        return data.decode("ascii"), None
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        detail = f"Byte 0x{data[error.start]:02x} does not belong there. Save the file as UTF-8."
        return None, finding(path, "file-encoding", "the file is not UTF-8 text", detail, before)
    if match := re.search(_UNFIT, text):  # compiled when the first such text comes, and then kept by re
        detail = "Editors and YAML disagree on it, or it cannot be seen. Remove it, or write it as an escape in quotes."
        summary = f"the character U+{ord(match.group()):04X} may not stand in a definition"
        return None, finding(path, "file-character", summary, detail, text[: match.start()])
    return text, None


def missing_file(path: str) -> Diagnostic:
    """Return the finding about a folder that lacks the file at `path`."""
    folder, _, file = path.rpartition("/")
    return finding(path, "file-missing", f"{folder}/ has no {file}", f"Add {file}, or remove the folder.")


def _open_failure(path: str, error: OSError) -> Diagnostic:
    if error.errno == errno.ELOOP:  # of a link that was not to be followed, open(2) says this
        return link(path)
    if error.errno == errno.ENXIO:  # and this of a socket
        return no_file(path)
    detail = f"{error.strerror}. Make the file readable and try again."
    return finding(path, "file-unreadable", "the file cannot be read", detail)


def no_file(path: str) -> Diagnostic:
    """Return the finding about a folder, or something stranger, in the place of a file."""
    return finding(path, "file-unreadable", "this is not a file", "Put a plain text file here.")
