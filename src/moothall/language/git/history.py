"""Definitions as a commit holds them, listed by the very walk that lists those on disk: the findings are the same."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from moothall.diagnostics import Diagnostic
from moothall.failures import USAGE, OperationError
from moothall.language.files.listing import MODULES, PARTNERSHIPS, Entry, ListedFile, Listing, link
from moothall.language.files.sources import Source, decode_text, missing_file, no_file, shipped_modules, source
from moothall.language.git.revision import FOLDERS, LINK, SUBMODULE, ChangedFile, Repository, TreeEntry


class _Entry(NamedTuple):
    """What stands in a folder of a commit; its mode is None for a folder, as git keeps none of its own."""

    name: str
    path: str
    mode: str | None

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        """Say whether it is a folder, as a submodule is on disk."""
        assert not follow_symlinks
        return self.mode in (None, SUBMODULE)

    def is_symlink(self) -> bool:
        """Say whether it is a link."""
        return self.mode == LINK


class _Commit:
    """The folders of a commit, or of as much of it as is given."""

    def __init__(self, repository: Repository, commit: str, files: Mapping[str, TreeEntry]) -> None:
        self._repository = repository
        self._commit = commit
        self.files = files
        self.folders: dict[str, dict[str, str | None]] = {}
        for path, entry in files.items():
            folder, _, name = path.rpartition("/")
            self.folders.setdefault(folder, {})[name] = entry.mode
        for path in list(self.folders):
            folder = path
            while folder:
                folder, _, name = folder.rpartition("/")
                self.folders.setdefault(folder, {})[name] = None

    def entries(self, place: str) -> Sequence[Entry]:
        """Return what is in a folder, nothing where there is none.

        Raises NotADirectoryError for a file, and OperationError for a submodule, whose files are in another repository.
        """
        if place in self.folders:
            return [_Entry(name, f"{place}/{name}", mode) for name, mode in self.folders[place].items()]
        if place not in self.files:
            return ()
        if self.files[place].mode == SUBMODULE:
            raise _submodule_failure(place, self._commit)
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))

    def is_link(self, place: str) -> bool:
        """Say whether a link stands at a place."""
        return place in self.files and self.files[place].mode == LINK

    def leads_to_file(self, entry: Entry) -> bool:
        """Say whether a link leads to a file in the same commit."""
        return self._repository.leads_to_file(self._commit, entry.path)

    def read(self, files: Sequence[ListedFile]) -> tuple[list[Source], list[Diagnostic]]:
        """Return files that were listed with their texts, and what is wrong with them as files."""
        sources: list[Source] = []
        findings: list[Diagnostic] = []
        blobs = [self.files[file.place].blob for file in files if self._is_plain(file.place)]
        contents = iter(self._repository.contents(blobs))
        for file in files:
            finding = self._file_finding(file)
            text, finding = decode_text(file.path, next(contents)) if self._is_plain(file.place) else (None, finding)
            sources.append(Source(file.path, file.kind, text))
            findings += [finding] if finding else []
        return sources, findings

    def _is_plain(self, place: str) -> bool:
        return place in self.files and self.files[place].mode not in (LINK, SUBMODULE)

    def _file_finding(self, file: ListedFile) -> Diagnostic | None:
        """Return what is wrong with something that is no plain file."""
        if not file.place:
            return None  # it has been told
        if self.is_link(file.place):
            return link(file.path)
        return no_file(file.path) if file.place in self.files or file.place in self.folders else missing_file(file.path)


def sources_at(repository: Repository, commit: str, catalogue: Path | None) -> tuple[list[Source], list[Diagnostic]]:
    """Return all definitions of a commit and what is wrong with them as files, as `sources` does for those on disk."""
    tree = _Commit(repository, commit, repository.files(commit, *FOLDERS))
    listing = Listing(tree)
    listing.partnerships(PARTNERSHIPS)
    listing.modules(MODULES)
    sources, findings = tree.read(listing.files)
    shipped_sources, shipped_findings = read_shipped_modules((file.path for file in listing.files), catalogue)
    return [*sources, *shipped_sources], [*listing.findings, *findings, *shipped_findings]


def sources_before(
    repository: Repository,
    commit: str,
    changed_files: Iterable[ChangedFile],
    unchanged_paths: Collection[str],
    catalogue: Path | None,
) -> tuple[list[Source], list[Diagnostic]]:
    """Return the definitions of a commit that have changed since, and all its modules, and what is wrong with them.

    Files that are `unchanged_paths` are not missed; they, and what else has not changed, are left out.
    """
    base_entries = {file.path: file.base for file in changed_files if file.base}
    tree = _Commit(repository, commit, {**base_entries, **repository.files(commit, MODULES)})
    listing = Listing(tree)
    listing.partnerships(PARTNERSHIPS)
    listing.modules(MODULES)
    sources, findings = tree.read([file for file in listing.files if file.path not in unchanged_paths])
    shipped_sources, shipped_findings = read_shipped_modules((file.path for file in listing.files), catalogue)
    return [*sources, *shipped_sources], [*listing.findings, *findings, *shipped_findings]


def read_shipped_modules(own_paths: Iterable[str], catalogue: Path | None) -> tuple[list[Source], list[Diagnostic]]:
    """Return the modules of the catalogue that is shipped, but for those that are among own paths by name."""
    results = [source(file) for file in shipped_modules(own_paths, catalogue)]
    return [module for module, _ in results], [finding for _, finding in results if finding]


def _submodule_failure(place: str, commit: str) -> OperationError:
    return OperationError(
        f"{place} is a submodule in {commit[:12]}: its definitions are in another repository, and cannot be compared",
        state="Nothing was compared.",
        hint=f"git -C {place} log -p  # shows its changes; to have them compared, keep these files in this repository",
        exit_code=USAGE,
    )
