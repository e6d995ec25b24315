"""Definitions out of git: which files differ between two revisions, and their text, without touching a working tree.

Only `git` itself is asked, a handful of times whatever the number of files; nothing is fetched and nothing is written.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from moothall.failures import FAILED, USAGE, Failure
from moothall.read import git
from moothall.read.sources import MOST_BYTES

FOLDERS = ("partnerships", "modules")
_PLAINLY = ("--no-ext-diff", "--no-textconv")


class Changed(NamedTuple):
    """A file that differs: its path below the root and its blob in the base, None when the base does not have it."""

    path: str
    base: str | None


class Repository(NamedTuple):
    """The git repository that holds the folder `root`; every path is below that folder."""

    root: Path

    def commit(self, name: str) -> str:
        """Return the full id of the commit that a name stands for; Failure when there is none."""
        found = self.find(name)
        if found is None:
            raise Failure(
                f"git knows no revision {name!r}",
                left="Nothing was compared.",
                mend="git fetch --unshallow origin  # or name another revision",
                exit_code=USAGE,
            )
        return found

    def find(self, name: str) -> str | None:
        """Return the full id of the commit that a name stands for, None if there is none; Failure without git."""
        ran = self._run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"])
        if ran.returncode:
            self._check()
            return None
        return ran.stdout.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """Return the best common ancestor of two commits; Failure when they have none that is here."""
        found = self._ask("merge-base", one, other, may_fail=True)
        if not found:
            raise Failure(
                f"{one} and {other} have no common ancestor here",
                left="Nothing was compared.",
                mend="git fetch --unshallow origin",
                exit_code=USAGE,
            )
        return found.split()[0]

    def changed(self, base: str, head: str | None) -> tuple[Changed, ...]:
        """Return the files below `FOLDERS` that differ between a commit and another one, or the working tree (None).

        A file that git ignores counts too: whoever reads the definitions would read it.
        """
        revisions = [base] if head is None else [base, head]
        form = ("--raw", "-z", "--no-color", "--no-renames", "--no-abbrev", *_PLAINLY, "--relative")
        found = list(_changed(self._ask("diff", *form, *revisions, "--", *FOLDERS)))
        if head is None:
            untracked = self._ask("ls-files", "--others", "-z", "--", *FOLDERS)
            found += [Changed(path, None) for path in untracked.split("\0") if path]
        return tuple(found)

    def differs(self, base: str, head: str | None, folder: str) -> bool:
        """Say whether anything that git knows below a folder differs; revisions as in `changed`."""
        revisions = [base] if head is None else [base, head]
        return self._run(["diff", "--quiet", *_PLAINLY, *revisions, "--", folder]).returncode == 1

    def files(self, commit: str) -> Mapping[str, str]:
        """Return the blobs of all files below `FOLDERS` in a commit, by path."""
        listed = self._ask("ls-tree", "-r", "-z", commit, "--", *FOLDERS)
        entries = (entry.split("\t", 1) for entry in listed.split("\0") if entry)
        return {path: about.split()[2] for about, path in entries if about.split()[1] == "blob"}

    def contents(self, blobs: Sequence[str]) -> list[bytes]:
        """Return the bytes of blobs, in their order, by one process; of one that is too large no more than shows it."""
        if not blobs:
            return []
        with TemporaryFile() as wanted:  # a pipe would be full before git has answered
            wanted.write("\n".join(blobs).encode() + b"\n")
            wanted.seek(0)
            with git.started(self.root, "cat-file", "--batch", given=wanted) as process:
                assert process.stdout
                return [_content(process.stdout) for _ in blobs]

    def _check(self) -> None:
        """Raise Failure when no repository holds the root, or git does not trust who owns it."""
        inside = self._run(["rev-parse", "--git-dir"])
        if inside.returncode:
            raise Failure(
                f"{self.root} is not in a git repository that git is willing to read: {git.last_line(inside.stderr)}",
                left="Nothing was compared.",
                mend=f"git -C {self.root} status",
                exit_code=USAGE,
            )

    def _ask(self, *words: str, may_fail: bool = False) -> str:
        ran = self._run(list(words))
        if ran.returncode and not may_fail:
            raise _broken(ran)
        return os.fsdecode(ran.stdout) if not ran.returncode else ""

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return git.run(self.root, *words)


def _changed(raw: str) -> Iterator[Changed]:
    """Read `git diff --raw -z`: about the file, then its path, each ended by NUL."""
    parts = raw.split("\0")
    for about, path in zip(parts[::2], parts[1::2], strict=False):
        blob = about.split()[2]
        yield Changed(path, blob if blob.strip("0") else None)  # noughts, as many as the repository's digests have


def _content(answer: IO[bytes]) -> bytes:
    """Read one answer of `git cat-file --batch`: id, type and size on a line, the content, a line break."""
    words = answer.readline().split()
    if len(words) != 3:
        raise Failure(f"git does not have the object {b' '.join(words).decode()}", mend="git fsck", exit_code=FAILED)
    left = int(words[2]) + 1
    content = answer.read(min(left, MOST_BYTES + 2))
    left -= len(content)
    while left:
        left -= len(answer.read(min(left, MOST_BYTES)))
    return content[:-1]


def _broken(ran: subprocess.CompletedProcess[bytes]) -> Failure:
    return Failure(f"git could not be asked: {git.last_line(ran.stderr)}", mend="git status", exit_code=FAILED)
