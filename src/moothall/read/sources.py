"""Which files count, and their text: only `.yaml` files at the fixed places below a root.

A file that cannot be used becomes a finding, never an exception: the others are still read.
"""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from moothall.diagnostics import ERROR, Diagnostic, Label
from moothall.source import Span

PARTNERSHIP = "partnership"
COUNCIL = "council"
MODULE = "module"

MOST_BYTES = 1 << 20
"""One MiB: six hundred times the size of a usual file."""


class Source(NamedTuple):
    """One file: its path below the root, the kind its place gives it, and its text; None if it cannot be used."""

    path: str
    kind: str
    text: str | None


def sources(root: Path, catalogue: Path) -> tuple[tuple[Source, ...], tuple[Diagnostic, ...]]:
    """Return every file that counts below `root/partnerships` and `catalogue`, by path, and what is wrong with them."""
    found: list[Source] = []
    findings: list[Diagnostic] = []
    for path, kind, place in _places(root, catalogue):
        text, finding = _text(path, place)
        found.append(Source(path, kind, text))
        findings += [finding] if finding else []
    findings += [_stray(path) for path in _strays(root, {source.path for source in found})]
    return tuple(found), tuple(findings)


def _places(root: Path, catalogue: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield path below the root, kind and place on disk of every file that counts."""
    for name in _folders(root / "partnerships"):
        folder = root / "partnerships" / name
        yield f"partnerships/{name}/partnership.yaml", PARTNERSHIP, folder / "partnership.yaml"
        for file in _yaml_files(folder / "councils"):
            yield f"partnerships/{name}/councils/{file}", COUNCIL, folder / "councils" / file
    for name in _folders(catalogue):
        yield f"modules/{name}/module.yaml", MODULE, catalogue / name / "module.yaml"


def _folders(parent: Path) -> list[str]:
    """Return the names of the folders that hold anything, hidden ones and Python's caches left out."""
    if not parent.is_dir():
        return []
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.is_dir() and entry.name[0] not in "._"]
    return sorted(name for name in names if os.listdir(parent / name))


def _yaml_files(folder: Path) -> list[str]:
    """Return the names that end in `.yaml`, hidden ones left out."""
    names = os.listdir(folder) if folder.is_dir() else []
    return sorted(name for name in names if name.endswith(".yaml") and not name.startswith("."))


def _strays(root: Path, read: set[str]) -> Iterator[str]:
    """Yield YAML files among the partnerships that nobody would read: a wrong ending or a wrong folder."""
    for below, folders, files in os.walk(root / "partnerships"):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        for file in sorted(files):
            path = (Path(below) / file).relative_to(root).as_posix()
            written_by_failover = file == "active.yaml" and path.count("/") == 2
            if file.lower().endswith((".yaml", ".yml")) and path not in read and not written_by_failover:
                yield path


def _text(path: str, place: Path) -> tuple[str | None, Diagnostic | None]:
    """Return the text of a file without its byte order mark, or what is wrong with it."""
    try:
        if not stat.S_ISREG(place.stat().st_mode):
            return None, _finding(path, "file-unreadable", "this is not a file", "Put a plain text file here.")
        with open(place, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None, _missing(path)
    except OSError as error:
        detail = f"{error.strerror}. Make the file readable and try again."
        return None, _finding(path, "file-unreadable", "the file cannot be read", detail)
    if len(data) > MOST_BYTES:
        return None, _finding(
            path, "file-too-large", "the file is larger than 1 MiB", "Split it, or leave data out of it."
        )
    return _decoded(path, data)


def _decoded(path: str, data: bytes) -> tuple[str | None, Diagnostic | None]:
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        detail = f"Byte 0x{data[error.start]:02x} does not belong there. Save the file as UTF-8."
        return None, _finding(path, "file-encoding", "the file is not UTF-8 text", detail, before)
    unfit = _unfit(text)
    if unfit is not None:
        detail = "Editors and YAML disagree on it, or it cannot be seen. Remove it, or write it as an escape in quotes."
        summary = f"the character U+{ord(text[unfit]):04X} may not stand in a definition"
        return None, _finding(path, "file-character", summary, detail, text[:unfit])
    return text, None


def _unfit(text: str) -> int | None:
    """Return the index of the first character that may not stand in a definition.

    That is what YAML 1.2 keeps out of a file (section 5.1), and NEL, LS, PS and a carriage return on its own: libyaml
    takes those for line breaks and editors do not, so that every line number after them would be wrong.
    """
    lone = text.replace("\r\n", "\n\n").find("\r")  # of equal length, so that the index holds
    places = [text.find(character) for character in set(text) if not _fits(ord(character))]
    return min([*places, *([lone] if lone >= 0 else [])], default=None)


def _fits(code: int) -> bool:
    if code < 0xA0:
        return 0x20 <= code < 0x7F or code in (0x09, 0x0A, 0x0D)
    return code not in (0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)


def _missing(path: str) -> Diagnostic:
    folder, _, file = path.rpartition("/")
    return _finding(path, "file-missing", f"{folder}/ has no {file}", f"Add {file}, or remove the folder.")


def _stray(path: str) -> Diagnostic:
    detail = "Councils stand in councils/<name>.yaml beside partnership.yaml; rename or move the file."
    return _finding(path, "file-stray", "nothing reads this file", detail)


def _finding(path: str, rule: str, summary: str, detail: str, before: str = "") -> Diagnostic:
    """Return an error at the first character after the text `before`."""
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return Diagnostic(rule, ERROR, summary, detail, Label(Span(path, line, column, line, column)))
