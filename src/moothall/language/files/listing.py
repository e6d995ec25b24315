"""Which files count: only `.yaml` files at the fixed places, on disk and in a commit by the very same walk.

Links are not followed: one could lead out of the root, and its file would be shown to whoever reads the findings. What
is hidden, by a dot at the beginning of its name, is nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from moothall.diagnostics import ERROR, Diagnostic, Label
from moothall.source import Span

PARTNERSHIP = "partnership"
ACTIVE = "active"
COUNCIL = "council"
MODULE = "module"

PARTNERSHIPS = "partnerships"
MODULES = "modules"

_PLACES = (
    (r"partnerships/[^/._][^/]*/partnership\.yaml", PARTNERSHIP),
    (r"partnerships/[^/._][^/]*/active\.yaml", ACTIVE),
    (r"partnerships/[^/._][^/]*/councils/[^/.][^/]*\.yaml", COUNCIL),
    (r"modules/[^/._][^/]*/module\.yaml", MODULE),
)


class Entry(Protocol):
    """What stands in a folder; that of a disk is an `os.DirEntry`."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def path(self) -> str:
        """Return its place, by which its tree knows it."""

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        """Say whether it is a folder."""

    def is_symlink(self) -> bool:
        """Say whether it is a link."""


class Tree(Protocol):
    """Folders and what is in them, on a disk or in a commit."""

    def entries(self, place: str) -> Sequence[Entry]:
        """Return what is in a folder, in any order, nothing where there is none; OSError where that may not be read."""

    def is_link(self, place: str) -> bool:
        """Say whether a link stands at a place."""

    def leads_to_file(self, entry: Entry) -> bool:
        """Say whether a link leads to a file by a way that is the same on every machine."""


class ListedFile(NamedTuple):
    """One file that counts, before anybody has read it: its path below the root, its kind, and its place in its tree.

    Without a place it is a folder of such files that cannot be read, for which there is a finding already. One that is
    `shipped` belongs to the project, not to its users.
    """

    path: str
    kind: str
    place: str
    shipped: bool = False


def kind_of(path: str) -> str | None:
    """Return the kind that a path below the root gives a file, None when it is no definition."""
    return next((kind for place, kind in _PLACES if re.fullmatch(place, path)), None)


class Listing:
    """The files that count, gathered folder by folder, and what is wrong with the folders."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.files: list[ListedFile] = []
        self.findings: list[Diagnostic] = []

    def partnerships(self, place: str) -> None:
        """List every partnership's files, and the YAML files among them that nobody would read."""
        for entry, path in self._entries_of(place, PARTNERSHIPS):
            if not entry.is_dir(follow_symlinks=False) or entry.name.startswith("_"):
                self._strays(entry, path)
            else:
                self._partnership(entry.path, path)

    def _partnership(self, place: str, folder: str) -> None:
        """List the files of one partnership; an empty folder is none, for git does not keep it."""
        entries = self._entries_of(place, folder)
        if entries:
            self.files.append(ListedFile(f"{folder}/partnership.yaml", PARTNERSHIP, f"{place}/partnership.yaml"))
        for entry, path in entries:
            if entry.name == "councils" and (entry.is_symlink() or entry.is_dir(follow_symlinks=False)):
                self._councils(entry.path, path)
            elif entry.name == "active.yaml":
                self.files.append(ListedFile(path, ACTIVE, entry.path))
            elif entry.name != "partnership.yaml":
                self._strays(entry, path)

    def _councils(self, place: str, folder: str) -> None:
        """List the files of one partnership's councils."""
        for entry, path in self._entries_of(place, folder, COUNCIL):
            if entry.name.endswith(".yaml"):
                self.files.append(ListedFile(path, COUNCIL, entry.path))
            else:
                self._strays(entry, path)

    def modules(self, place: str) -> None:
        """List the files of a module catalogue; whatever else is in there is not looked at."""
        for entry, path in self._entries_of(place, MODULES, MODULE):
            is_link = entry.is_symlink() and not _is_yaml(entry.name)
            if entry.name.startswith("_") or not (is_link or entry.is_dir(follow_symlinks=False)):
                continue
            if self._entries_of(entry.path, path, MODULE):
                self.files.append(ListedFile(f"{path}/module.yaml", MODULE, f"{entry.path}/module.yaml"))

    def _strays(self, entry: Entry, path: str) -> None:
        """Record the YAML files at or below an entry."""
        pending = [(entry, path)]
        while pending:
            entry, path = pending.pop()
            if entry.is_dir(follow_symlinks=False):
                pending += self._entries_of(entry.path, path)
            elif _is_yaml(entry.name):
                self.findings.append(stray(path))
            elif entry.is_symlink():
                self.findings.append(link(path))

    def _entries_of(self, place: str, folder: str, kind: str | None = None) -> list[tuple[Entry, str]]:
        """Return what is in a folder by name, each with its path below the root.

        A link, and what may not be read, is recorded: among the files of a `kind`, if it is theirs, so that it is known
        that there may be some.
        """
        try:
            wrong = link(folder) if self._tree.is_link(place) else None
            entries = [] if wrong else sorted(self._tree.entries(place), key=lambda entry: entry.name)
        except OSError as error:
            detail = f"{error.strerror}. Make the folder readable and try again."
            wrong, entries = finding(folder, "file-unreadable", "the folder cannot be read", detail), []
        if wrong:
            self.findings.append(wrong)
            self.files += [ListedFile(folder, kind, "")] if kind else []
        return [(entry, f"{folder}/{entry.name}") for entry in entries if not self._is_ignored(entry)]

    def _is_ignored(self, entry: Entry) -> bool:
        """Say whether an entry is ignored: it is hidden, or a link with a name of its own for some file."""
        if entry.name.startswith("."):
            return True
        return entry.is_symlink() and not _is_yaml(entry.name) and self._tree.leads_to_file(entry)


def _is_yaml(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml"))


def stray(path: str) -> Diagnostic:
    """Return the finding about a YAML file that nobody reads."""
    detail = "Councils stand in councils/<name>.yaml beside partnership.yaml; rename or move the file."
    return finding(path, "file-stray", "nothing reads this file", detail)


def link(path: str) -> Diagnostic:
    """Return the finding about a link."""
    return finding(path, "file-unreadable", "this is a link", "Links are not followed: put what it leads to here.")


def finding(path: str, rule: str, summary: str, detail: str, before: str = "") -> Diagnostic:
    """Return an error at the first character after the text `before` of a file."""
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return Diagnostic(rule, ERROR, summary, detail, Label(Span(path, line, column, line, column)))
