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
from moothall.language.files.sources import MOST_BYTES, listed
from moothall.language.git import git

FOLDERS = (PARTNERSHIPS, MODULES)
LINK = "120000"
SUBMODULE = "160000"
_PLAINLY = ("--no-ext-diff", "--no-textconv")


class Stored(NamedTuple):
    """What a commit has at a path: its mode, which says a link or a submodule apart, and the id of its content."""

    mode: str
    blob: str


class Changed(NamedTuple):
    """What differs: its path below the root, and what the base has there, None when it has nothing."""

    path: str
    base: Stored | None


class Repository(NamedTuple):
    """The git repository that holds the folder `root`; every path is below that folder."""

    root: Path

    def commit(self, name: str) -> str:
        """Return the full id of the commit that a name stands for; OperationError when there is none."""
        found = self.find(name)
        if found is None:
            raise OperationError(
                f"git knows no revision {name!r}",
                state="Nothing was compared.",
                hint="git fetch --unshallow origin  # or name another revision",
                exit_code=USAGE,
            )
        return found

    def find(self, name: str) -> str | None:
        """Return the full id of the commit that a name stands for, or None; OperationError without git."""
        ran = self._run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"])
        if ran.returncode:
            self._check()
            return None
        return ran.stdout.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """Return the best common ancestor of two commits; OperationError when they have none that is here."""
        found = self._ask("merge-base", one, other, may_fail=True)
        if not found:
            raise OperationError(
                f"{one} and {other} have no common ancestor here",
                state="Nothing was compared.",
                hint="git fetch --unshallow origin",
                exit_code=USAGE,
            )
        return found.split()[0]

    def changed(self, base: str, head: str | None) -> tuple[Changed, ...]:
        """Return what differs below `FOLDERS` between a commit and another one, or the working tree (None).

        Of the working tree everything counts that whoever reads the definitions would read, ignored by git or not. What
        git does not look at, because it was told so or because another repository begins there, may differ and is here.
        """
        revisions = [base] if head is None else [base, head]
        form = ("--raw", "-z", "--no-color", "--no-renames", "--no-abbrev", "--ignore-submodules=none", *_PLAINLY)
        found = dict(_changed(self._ask("diff", *form, "--relative", *revisions, "--", *FOLDERS)))
        if head is None and (unseen := self._unseen().difference(found)):
            before = self.files(base, *FOLDERS)
            found |= {path: before.get(path) for path in unseen}
        return tuple(Changed(path, found[path]) for path in sorted(found))

    def _unseen(self) -> set[str]:
        """Return the paths at which git does not look when it compares a commit with the working tree."""
        entries = (
            entry.split("\t", 1) for entry in self._ask("ls-files", "-v", "-s", "-z", *FOLDERS).split("\0") if entry
        )
        looked_at = {path: about.startswith("H") and SUBMODULE not in about for about, path in entries}
        files, findings = listed(self.root, None)
        there = {*(file.path for file in files), *(finding.primary.span.path for finding in findings)}
        return {path for path in there if path not in looked_at} | {path for path, is_ in looked_at.items() if not is_}

    def differs(self, base: str, head: str | None, folder: str) -> bool:
        """Say whether anything differs below a folder but what git ignores; revisions as in `changed`."""
        revisions = [base] if head is None else [base, head]
        ran = self._run(["diff", "--quiet", "--ignore-submodules=none", *_PLAINLY, *revisions, "--", folder])
        if ran.returncode > 1:
            raise self._broken(ran.stderr)
        new = head is None and self._ask("ls-files", "--others", "--exclude-standard", "--", folder)
        return bool(ran.returncode or new)

    def files(self, commit: str, *folders: str) -> Mapping[str, Stored]:
        """Return what a commit has below some folders, by path."""
        listed = self._ask("ls-tree", "-r", "-z", commit, "--", *folders)
        entries = (entry.split("\t", 1) for entry in listed.split("\0") if entry)
        return {path: Stored(*about.split()[::2]) for about, path in entries}

    def leads_to_file(self, commit: str, link: str) -> bool:
        """Say whether a link of a commit leads to a file of the same commit."""
        with TemporaryFile() as wanted:
            wanted.write(os.fsencode(f"{commit}:./{link}\n"))
            wanted.seek(0)
            ran = git.run(self.root, "cat-file", "--batch-check=%(objecttype)", "--follow-symlinks", given=wanted)
            return ran.stdout == b"blob\n"

    def contents(self, blobs: Sequence[str]) -> list[bytes]:
        """Return the bytes of blobs, in their order, by one process; of one that is too large no more than shows it.

        Raises OperationError for a blob that git does not have.
        """
        if not blobs:
            return []
        with TemporaryFile() as wanted:  # a pipe would be full before git has answered
            wanted.write("\n".join(blobs).encode() + b"\n")
            wanted.seek(0)
            with git.started(self.root, "cat-file", "--batch", given=wanted) as process:
                assert process.stdout
                return [self._content(blob, process.stdout) for blob in blobs]

    def _content(self, blob: str, answer: IO[bytes]) -> bytes:
        """Read one answer of `git cat-file --batch`: id, type and size on a line, the content, a line break."""
        words = answer.readline().split()
        if len(words) != 3:
            raise self._lacking(f"git does not have the object {blob}")
        left = int(words[2]) + 1
        content = answer.read(min(left, MOST_BYTES + 2))
        left -= len(content)
        while left:
            left -= len(answer.read(min(left, MOST_BYTES)))
        return content[:-1]

    def _check(self) -> None:
        """Raise OperationError when no repository holds the root, or git does not trust who owns it."""
        inside = self._run(["rev-parse", "--git-dir"])
        if inside.returncode:
            raise OperationError(
                f"{self.root} is not in a git repository that git is willing to read: {git.last_line(inside.stderr)}",
                state="Nothing was compared.",
                hint=f"git -C {self.root} status",
                exit_code=USAGE,
            )

    def _ask(self, *words: str, may_fail: bool = False) -> str:
        ran = self._run(list(words))
        if ran.returncode and not may_fail:
            raise self._broken(ran.stderr)
        return os.fsdecode(ran.stdout) if not ran.returncode else ""

    def _broken(self, complaints: bytes) -> OperationError:
        return self._lacking(f"git could not be asked: {git.last_line(complaints)}", "git status")

    def _lacking(self, what: str, otherwise: str = "git fsck") -> OperationError:
        """Return the failure of a repository that lacks something; one that was cloned in part lacks it on purpose."""
        ran = self._run(["config", "--name-only", "--get-regexp", r"^remote\..*\.promisor$"])
        names = ran.stdout.decode(errors="replace").splitlines()
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


def _changed(raw: str) -> Iterator[tuple[str, Stored | None]]:
    """Read `git diff --raw -z`: about the file, then its path, each ended by NUL."""
    parts = raw.split("\0")
    for about, path in zip(parts[::2], parts[1::2], strict=False):
        mode, _, blob, _, _ = about.removeprefix(":").split()
        yield path, Stored(mode, blob) if mode.strip("0") else None
