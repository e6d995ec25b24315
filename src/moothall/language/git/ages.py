"""The order in which files came into the git history, read only when needed: of two that clash the newer is named."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from moothall.failures import OperationError
from moothall.language.files.listing import PARTNERSHIPS

_FORM = ("-z", "--name-only", "--relative", "--no-renames", "--diff-filter=A", "--no-show-signature", "--format=%ct")
AgeRank = Callable[[str], int]
"""From the path of a file to a number that is larger for one that came later."""
UNKNOWN = 1
"""The place of a file that git does not have: after all others."""


class Ages:
    """The files below a root in the order in which they came into the history that leads to a commit."""

    def __init__(self, root: Path, commit: str = "HEAD") -> None:
        self._root = root
        self._commit = commit

    def __call__(self, path: str) -> int:
        """Return a number that is larger for a file that came later; `UNKNOWN` if git does not have it.

        Where git knows nothing all are of one age.
        """
        return self._numbers.get(path, UNKNOWN) if self._numbers else UNKNOWN

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        from moothall.language.git import git  # and with it what starts processes

        try:
            result = git.run(self._root, "log", *_FORM, self._commit, "--", PARTNERSHIPS)
        except OperationError:
            return {}
        return _number_paths(os.fsdecode(result.stdout)) if not result.returncode else {}


def _number_paths(log: str) -> Mapping[str, int]:
    """Return for each path the number of the last commit that added it, counted backwards from the newest."""
    numbers: dict[str, int] = {}
    number = UNKNOWN
    for word in (entry.removeprefix("\n") for entry in log.split("\0")):
        if word.isdigit():  # the time of a commit; no path below partnerships/ is a number
            number -= 1
        elif word:
            numbers.setdefault(word, number)
    return numbers
