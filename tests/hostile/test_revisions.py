"""What stands in a commit, and how a revision is called, is shown as words by the verbs that compare."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.hostile.front_door import Type
from tests.hostile.strings import STRINGS, WORDS
from tests.hostile.titled import ALLOWED, PLACES, REFUSED, define

from moothall.failures import INVALID, OK, USAGE

COMPARING = ("diff", "affected")
NO_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\\ud800]|\.(?=\.)|@(?=\{)|/(?=/)|/(?=\.)")
"""What may not stand in the name of a branch (git-check-ref-format(1))."""
VARIABLES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA")


class Repository:
    """A git repository at a root, whose main branch holds sound definitions."""

    def __init__(self, root: Path) -> None:
        self.root = define(root, "good")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def git(self, *words: str) -> None:
        """Run git, apart from anybody's configuration."""
        who = ("-c", "user.name=evil", "-c", "user.email=evil@evil.test", "-c", "commit.gpgsign=false")
        alone = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", "-C", self.root, *who, *words], env=alone, check=True, capture_output=True)

    def commit(self, message: str = "good") -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one commit."""
    return Repository(tmp_path / "root")


def packs(names: list[str]) -> Iterator[list[str]]:
    """Yield the strings, as many at a time as there are places for them."""
    for first in range(0, len(names), PLACES):
        yield [STRINGS[name] for name in names[first : first + PLACES]]


def test_words_that_have_changed(repository: Repository, type_: Type) -> None:
    """From sound words to others and back, in the working tree and between commits."""
    for pack in packs(ALLOWED):
        define(repository.root, *pack)
        for verb in COMPARING:
            assert type_(repository.root, verb, "HEAD").code == OK
    repository.commit(message="evil\x1b[31m\u202e")
    define(repository.root, "good")
    for verb in COMPARING:
        assert type_(repository.root, verb, "HEAD").code == OK


def test_words_that_are_refused(repository: Repository, type_: Type) -> None:
    """On the one side and on the other."""
    for pack in packs(REFUSED):
        define(repository.root, *pack)
        for verb in COMPARING:
            assert type_(repository.root, verb, "main").code == INVALID
    repository.commit()
    define(repository.root, "good")
    for verb in COMPARING:
        assert type_(repository.root, verb, "HEAD").code == INVALID


def test_names_of_revisions(repository: Repository, type_: Type) -> None:
    """Of branches as git allows them, and of what is no revision."""
    define(repository.root, "better")
    for text in WORDS[:-1]:
        name = f"evil{NO_NAME.sub('-', text).encode()[:200].decode(errors='ignore')}0"
        repository.git("branch", name)
        assert type_(repository.root, "diff", name).code == OK
        assert type_(repository.root, "diff", f"evil{text}").code == USAGE


def test_names_of_revisions_of_a_pipeline(repository: Repository, type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the variables by which it names the base."""
    for text in WORDS:
        for variable in VARIABLES:
            monkeypatch.setenv(variable, text)
            assert type_(repository.root, "affected").code == USAGE
            monkeypatch.delenv(variable)
