"""Which files count, and what is in them: only `.yaml` files at the fixed places below a root.

A file that cannot be used becomes a finding, never an exception: the others are still read. Links are not followed:
one could lead out of the root, and its file would be shown to whoever reads the findings.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from moothall.diagnostics import ERROR, Diagnostic, Label
from moothall.source import Span

PARTNERSHIP = "partnership"
ACTIVE = "active"
COUNCIL = "council"
MODULE = "module"

MOST_BYTES = 1 << 20
"""One MiB: six hundred times the size of a usual file."""

_PLAIN = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
"""What nearly every file is made of: a glance is enough for those."""

# What YAML 1.2 keeps out of a file (section 5.1), and NEL, LS, PS and a carriage return on its own: libyaml takes those
# for line breaks and editors do not, so that every line number after them would be wrong.
_UNFIT = "\r(?!\n)|[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"

_OPENING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a named pipe would be waited for


class Source:
    """One file: its path below the root, and the kind its place gives it.

    One that is known to be `usable` need not have been read: it is read `later`, when its text is asked for.
    """

    __slots__ = ("_later", "_text", "kind", "path")

    def __init__(self, path: str, kind: str, text: str | None, later: Callable[[], str] | None = None) -> None:
        self.path = path
        self.kind = kind
        self._text = text
        self._later = later

    @property
    def usable(self) -> bool:
        """Whether it is a file with a text that may stand in a definition."""
        return self._text is not None or self._later is not None

    @property
    def text(self) -> str | None:
        """Its text; None if it cannot be used."""
        if self._text is None and self._later:
            self._text = self._later()
        return self._text


class Listed(NamedTuple):
    """One file that counts, before anybody has read it: its path below the root, its kind, and its place on disk."""

    path: str
    kind: str
    place: str


def sources(root: Path, catalogue: Path) -> tuple[tuple[Source, ...], tuple[Diagnostic, ...]]:
    """Return every file that counts below `root/partnerships` and `catalogue`, and what is wrong with them."""
    files, findings = listed(root, catalogue)
    read = [source(file) for file in files]
    return tuple(found for found, _ in read), (*findings, *(wrong for _, wrong in read if wrong))


def listed(root: Path, catalogue: Path) -> tuple[list[Listed], list[Diagnostic]]:
    """Return the files that count below `root/partnerships` and `catalogue`, and what is wrong with the folders."""
    listing = _Listing()
    listing.partnerships(str(root / "partnerships"))
    listing.modules(str(catalogue))
    return listing.files, listing.findings


def source(file: Listed) -> tuple[Source, Diagnostic | None]:
    """Return a file with its text, or what is wrong with it."""
    text, wrong = _text(file.path, file.place)
    return Source(file.path, file.kind, text), wrong


State = tuple[int, ...]
"""What the system says of a file: device, identity, size, and when its content and it itself were changed."""


def states(files: Iterable[Listed], before: int) -> list[State | None]:
    """Return what the system says of each file; as long as that stays the same, so does the content.

    None where it does not tell: it is no file, or was changed no earlier than `before`, in nanoseconds since 1970, so
    that another change could bear the same time.
    """
    return [_state(place, before) for _, _, place in files]


def _state(place: str, before: int) -> State | None:
    try:
        is_ = os.lstat(place)
    except OSError:
        return None
    changed, itself = is_.st_mtime_ns, is_.st_ctime_ns
    if not stat.S_ISREG(is_.st_mode) or changed >= before or itself >= before:
        return None
    return (is_.st_dev, is_.st_ino, is_.st_size, changed, itself)


class _Listing:
    """The files that count, gathered folder by folder."""

    def __init__(self) -> None:
        self.files: list[Listed] = []
        self.findings: list[Diagnostic] = []

    def partnerships(self, place: str) -> None:
        """List every partnership's files, and the YAML files among them that nobody would read."""
        for entry, path in self.entries(place, "partnerships"):
            if not entry.is_dir(follow_symlinks=False) or entry.name.startswith("_"):
                self.strays(entry, path)
            elif not entry.name.startswith("."):
                self.partnership(entry.path, path)

    def partnership(self, place: str, folder: str) -> None:
        """List the files of one partnership; an empty folder is none, for git does not keep it."""
        entries = list(self.entries(place, folder))
        if entries:
            self.files.append(Listed(f"{folder}/partnership.yaml", PARTNERSHIP, f"{place}/partnership.yaml"))
        for entry, path in entries:
            if entry.name == "councils" and entry.is_dir(follow_symlinks=False):
                self.councils(entry.path, path)
            elif entry.name == "active.yaml":
                self.files.append(Listed(path, ACTIVE, entry.path))
            elif entry.name != "partnership.yaml":
                self.strays(entry, path)

    def councils(self, place: str, folder: str) -> None:
        """List the files of one partnership's councils."""
        for entry, path in self.entries(place, folder):
            if entry.name.endswith(".yaml") and not entry.name.startswith("."):
                self.files.append(Listed(path, COUNCIL, entry.path))
            else:
                self.strays(entry, path)

    def modules(self, place: str) -> None:
        """List the files of the module catalogue; whatever else is in there is not looked at."""
        for entry, path in self.entries(place, "modules"):
            if not entry.is_dir(follow_symlinks=False) or entry.name[0] in "._":
                continue
            if list(self.entries(entry.path, path)):
                self.files.append(Listed(f"{path}/module.yaml", MODULE, f"{entry.path}/module.yaml"))

    def strays(self, entry: os.DirEntry[str], path: str) -> None:
        """Record the YAML files at or below an entry; folders whose names begin with a dot are nobody's business."""
        waiting = [(entry, path)]
        while waiting:
            entry, path = waiting.pop()
            if not entry.is_dir(follow_symlinks=False):
                self.findings += [stray(path)] if _is_yaml(entry.name) else []
            elif not entry.name.startswith("."):
                waiting += self.entries(entry.path, path)

    def entries(self, place: str, folder: str) -> Iterator[tuple[os.DirEntry[str], str]]:
        """Yield what is in a folder by name, each with its path below the root; record links and what is locked."""
        if os.path.islink(place):
            self.findings.append(_link(folder))
            return
        try:
            with os.scandir(place) as opened:
                entries = sorted(opened, key=lambda entry: entry.name)
        except FileNotFoundError:  # no catalogue
            return
        except OSError as error:
            detail = f"{error.strerror}. Make the folder readable and try again."
            self.findings.append(_finding(folder, "file-unreadable", "the folder cannot be read", detail))
            return
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if entry.is_symlink() and not _is_yaml(entry.name):
                self.findings += [] if os.path.isfile(entry.path) else [_link(path)]
            else:
                yield entry, path


def _is_yaml(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml"))


def _text(path: str, place: str) -> tuple[str | None, Diagnostic | None]:
    """Return the text of a file, or what is wrong with it."""
    try:
        opened = os.open(place, _OPENING)
        try:
            mode = os.fstat(opened)
            data = _read(opened, mode.st_size) if stat.S_ISREG(mode.st_mode) else None
        finally:
            os.close(opened)
    except FileNotFoundError:
        return None, missing(path)
    except OSError as error:
        return None, _refused(path, error)
    return (None, _no_file(path)) if data is None else decoded(path, data)


def _read(opened: int, size: int) -> bytes:
    """Return the bytes of an open file, which has about `size`, and no more than are needed to refuse it."""
    data = os.read(opened, min(size, MOST_BYTES) + 1)
    while len(data) != size and len(data) <= MOST_BYTES and (more := os.read(opened, MOST_BYTES + 1 - len(data))):
        data += more
    return data


def decoded(path: str, data: bytes) -> tuple[str | None, Diagnostic | None]:
    """Return the text of a file's content without its byte order mark, or what is wrong with it."""
    if len(data) > MOST_BYTES:
        detail = "Split it, or leave data out of it."
        return None, _finding(path, "file-too-large", "the file is larger than 1 MiB", detail)
    if not data.translate(None, _PLAIN):
        return data.decode("ascii"), None
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        detail = f"Byte 0x{data[error.start]:02x} does not belong there. Save the file as UTF-8."
        return None, _finding(path, "file-encoding", "the file is not UTF-8 text", detail, before)
    if unfit := re.search(_UNFIT, text):  # compiled when the first such text comes, and then kept by re
        detail = "Editors and YAML disagree on it, or it cannot be seen. Remove it, or write it as an escape in quotes."
        summary = f"the character U+{ord(unfit.group()):04X} may not stand in a definition"
        return None, _finding(path, "file-character", summary, detail, text[: unfit.start()])
    return text, None


def missing(path: str) -> Diagnostic:
    """Return the finding about a folder that lacks the file at `path`."""
    folder, _, file = path.rpartition("/")
    return _finding(path, "file-missing", f"{folder}/ has no {file}", f"Add {file}, or remove the folder.")


def stray(path: str) -> Diagnostic:
    """Return the finding about a YAML file that nobody reads."""
    detail = "Councils stand in councils/<name>.yaml beside partnership.yaml; rename or move the file."
    return _finding(path, "file-stray", "nothing reads this file", detail)


def _refused(path: str, error: OSError) -> Diagnostic:
    if error.errno == errno.ELOOP:  # of a link that was not to be followed, open(2) says this
        return _link(path)
    if error.errno == errno.ENXIO:  # and this of a socket
        return _no_file(path)
    detail = f"{error.strerror}. Make the file readable and try again."
    return _finding(path, "file-unreadable", "the file cannot be read", detail)


def _no_file(path: str) -> Diagnostic:
    return _finding(path, "file-unreadable", "this is not a file", "Put a plain text file here.")


def _link(path: str) -> Diagnostic:
    return _finding(path, "file-unreadable", "this is a link", "Links are not followed: put what it leads to here.")


def _finding(path: str, rule: str, summary: str, detail: str, before: str = "") -> Diagnostic:
    """Return an error at the first character after the text `before` of a file."""
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return Diagnostic(rule, ERROR, summary, detail, Label(Span(path, line, column, line, column)))
