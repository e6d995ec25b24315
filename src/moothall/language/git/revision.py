"""Definitions out of git: which files differ between two revisions, and their text, without touching a working tree.

Only `git` itself is asked, a handful of times whatever the number of files; nothing is fetched and nothing is written.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from moothall.failures import FAILED, USAGE, OperationError
from moothall.language.files.listing import MODULES, PARTNERSHIPS
from moothall.language.files.sources import MOST_BYTES, list_files
from moothall.language.git import git

FOLDERS = (PARTNERSHIPS, MODULES)
LINK = "120000"
SUBMODULE = "160000"
_PLAINLY = ("--no-ext-diff", "--no-textconv")


class TreeEntry(NamedTuple):
    """What a commit has at a path: its mode, which says a link or a submodule apart, and the id of its content."""

    mode: str
    blob: str


class ChangedFile(NamedTuple):
    """What differs: its path below the root, and what the base has there, None when it has nothing."""

    path: str
    base: TreeEntry | None


class Repository(NamedTuple):
    """The git repository that holds the folder `root`; every path is below that folder."""

    root: Path

    def commit(self, name: str) -> str:
        """Return the full id of the commit that a name stands for; OperationError when there is none."""
        commit_id = self.find(name)
        if commit_id is None:
            raise OperationError(
                f"git knows no revision {name!r}",
                state="Nothing was compared.",
                hint="git fetch --unshallow origin  # or name another revision",
                exit_code=USAGE,
            )
        return commit_id

    def find(self, name: str) -> str | None:
        """Return the full id of the commit that a name stands for, or None; OperationError without git."""
        result = self._run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"])
        if result.returncode:
            self._check()
            return None
        return result.stdout.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """Return the best common ancestor of two commits; OperationError when they have none that is here."""
        output = self._ask("merge-base", one, other, may_fail=True)
        if not output:
            raise OperationError(
                f"{one} and {other} have no common ancestor here",
                state="Nothing was compared.",
                hint="git fetch --unshallow origin",
                exit_code=USAGE,
            )
        return output.split()[0]

    def changed_files(self, base: str, head: str | None) -> tuple[ChangedFile, ...]:
        """Return what differs below `FOLDERS` between a commit and another one, or the working tree (None).

        Of the working tree everything counts that whoever reads the definitions would read, ignored by git or not. What
        git does not look at, because it was told so or because another repository begins there, may differ and is here.
        """
        revisions = [base] if head is None else [base, head]
        form = ("--raw", "-z", "--no-color", "--no-renames", "--no-abbrev", "--ignore-submodules=none", *_PLAINLY)
        entries = dict(_parse_raw_diff(self._ask("diff", *form, "--relative", *revisions, "--", *FOLDERS)))
        if head is None and (unwatched := self._unwatched_paths().difference(entries)):
            base_entries = self.files(base, *FOLDERS)
            entries |= {path: base_entries.get(path) for path in unwatched}
        return tuple(ChangedFile(path, entries[path]) for path in sorted(entries))

    def _unwatched_paths(self) -> set[str]:
        """Return the paths that git ignores when it compares a commit with the working tree."""
        entries = (
            entry.split("\t", 1) for entry in self._ask("ls-files", "-v", "-s", "-z", *FOLDERS).split("\0") if entry
        )
        watched_by_path = {
            path: attributes.startswith("H") and SUBMODULE not in attributes for attributes, path in entries
        }
        files, findings = list_files(self.root, None)
        paths = {*(file.path for file in files), *(finding.primary.span.path for finding in findings)}
        return {path for path in paths if path not in watched_by_path} | {
            path for path, is_watched in watched_by_path.items() if not is_watched
        }

    def differs(self, base: str, head: str | None, folder: str) -> bool:
        """Say whether anything differs below a folder but what git ignores; revisions as in `changed_files`."""
        revisions = [base] if head is None else [base, head]
        result = self._run(["diff", "--quiet", "--ignore-submodules=none", *_PLAINLY, *revisions, "--", folder])
        if result.returncode > 1:
            raise self._query_failure(result.stderr)
        untracked = head is None and self._ask("ls-files", "--others", "--exclude-standard", "--", folder)
        return bool(result.returncode or untracked)

    def files(self, commit: str, *folders: str) -> Mapping[str, TreeEntry]:
        """Return what a commit has below some folders, by path."""
        listing = self._ask("ls-tree", "-r", "-z", commit, "--", *folders)
        entries = (entry.split("\t", 1) for entry in listing.split("\0") if entry)
        return {path: TreeEntry(*attributes.split()[::2]) for attributes, path in entries}

    def leads_to_file(self, commit: str, link: str) -> bool:
        """Say whether a link of a commit leads to a file of the same commit."""
        with TemporaryFile() as request:
            request.write(os.fsencode(f"{commit}:./{link}\n"))
            request.seek(0)
            result = git.run(self.root, "cat-file", "--batch-check=%(objecttype)", "--follow-symlinks", stdin=request)
            return result.stdout == b"blob\n"

    def contents(self, blobs: Sequence[str]) -> list[bytes]:
        """Return the bytes of blobs, in their order, by one process; of one that is too large no more than shows it.

        Raises OperationError for a blob that git does not have.
        """
        if not blobs:
            return []
        with TemporaryFile() as requests:  # a pipe would be full before git has answered
            requests.write("\n".join(blobs).encode() + b"\n")
            requests.seek(0)
            with git.start_process(self.root, "cat-file", "--batch", stdin=requests) as process:
                assert process.stdout
                return [self._content(blob, process.stdout) for blob in blobs]

    def _content(self, blob: str, answer: IO[bytes]) -> bytes:
        """Read one answer of `git cat-file --batch`: id, type and size on a line, the content, a line break."""
        words = answer.readline().split()
        if len(words) != 3:
            raise self._missing_object_failure(f"git does not have the object {blob}")
        bytes_left = int(words[2]) + 1
        content = answer.read(min(bytes_left, MOST_BYTES + 2))
        bytes_left -= len(content)
        while bytes_left:
            bytes_left -= len(answer.read(min(bytes_left, MOST_BYTES)))
        return content[:-1]

    def _check(self) -> None:
        """Raise OperationError when no repository holds the root, or git does not trust who owns it."""
        result = self._run(["rev-parse", "--git-dir"])
        if result.returncode:
            raise OperationError(
                f"{self.root} is not in a git repository that git is willing to read: {git.last_line(result.stderr)}",
                state="Nothing was compared.",
                hint=f"git -C {self.root} status",
                exit_code=USAGE,
            )

    def _ask(self, *words: str, may_fail: bool = False) -> str:
        result = self._run(list(words))
        if result.returncode and not may_fail:
            raise self._query_failure(result.stderr)
        return os.fsdecode(result.stdout) if not result.returncode else ""

    def _query_failure(self, complaints: bytes) -> OperationError:
        return self._missing_object_failure(f"git could not be asked: {git.last_line(complaints)}", "git status")

    def _missing_object_failure(self, what: str, otherwise: str = "git fsck") -> OperationError:
        """Return the failure of a repository that lacks something; one that was cloned in part lacks it on purpose."""
        result = self._run(["config", "--name-only", "--get-regexp", r"^remote\..*\.promisor$"])
        names = result.stdout.decode(errors="replace").splitlines()
        if not names:
            return OperationError(what, state="Nothing was compared.", hint=otherwise, exit_code=FAILED)
        remote = names[0].removeprefix("remote.").removesuffix(".promisor")
        return OperationError(
            f"{what}; this clone was made with --filter, and leaves out what is not checked out",
            state="Nothing was compared.",
            hint=f"git fetch --refetch --no-filter {shlex.quote(remote)}",
            exit_code=FAILED,
        )

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return git.run(self.root, *words)


def _parse_raw_diff(raw: str) -> Iterator[tuple[str, TreeEntry | None]]:
    """Read `git diff --raw -z`: about the file, then its path, each ended by NUL."""
    parts = raw.split("\0")
    for attributes, path in zip(parts[::2], parts[1::2], strict=False):
        mode, _, blob, _, _ = attributes.removeprefix(":").split()
        yield path, TreeEntry(mode, blob) if mode.strip("0") else None
