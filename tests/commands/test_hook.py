"""The hook for pre-commit, run by pre-commit itself: no commit gets by that leaves a broken definition."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from moothall import paths

BASE = paths.PROJECT / "tests" / "cases" / "valid" / "two-councils"
COUNCILS = "partnerships/dales/councils"


class Clone:
    """A repository of definitions in which the hook is installed."""

    def __init__(self, place: Path) -> None:
        self.root = place / "definitions"
        program = place / "bin" / "moothall"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m moothall "$@"\n')
        program.chmod(0o755)
        named = {f"GIT_{who}_{what}": "moothall" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        own = {"HOME": str(place), "PRE_COMMIT_HOME": str(place / "kept"), "GIT_CONFIG_NOSYSTEM": "1"}
        path = f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = {"PATH": path, **named, **own}

    def ran(self, *command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository."""
        where = folder or self.root
        return subprocess.run(
            command, cwd=where, env=self.environment, capture_output=True, encoding="utf-8", check=False
        )

    def do(self, *command: str, folder: Path | None = None) -> str:
        """Run a command that has to succeed; return what it prints."""
        done = self.ran(*command, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


def publish(clone: Clone, folder: Path) -> str:
    """Commit the hook's definition to a repository of its own, as a user names it; return the commit."""
    folder.mkdir()
    shutil.copy(paths.PROJECT / ".pre-commit-hooks.yaml", folder)
    clone.do("git", "init", "--quiet", folder=folder)
    clone.do("git", "add", "--all", folder=folder)
    clone.do("git", "commit", "--quiet", "--message", "the hook", folder=folder)
    return clone.do("git", "rev-parse", "HEAD", folder=folder)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Definitions in which nothing is wrong, committed, with the published hook installed as docs/files.md says."""
    made = Clone(tmp_path)
    hooks = tmp_path / "hooks"
    revision = publish(made, hooks)
    shutil.copytree(BASE, made.root, ignore=shutil.ignore_patterns(".moothall"))
    used = {"repo": str(hooks), "rev": revision, "hooks": [{"id": "moothall-validate"}]}
    (made.root / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [used]}))
    made.do("git", "init", "--quiet")
    made.do("git", "add", "--all")
    made.do("pre-commit", "install")
    made.do("git", "commit", "--quiet", "--message", "definitions")
    return made


@pytest.mark.parametrize("path", [f"{COUNCILS}/barton.yaml", "partnerships/dales/partnership.yaml"])
def test_a_deletion_that_leaves_something_broken_is_stopped(clone: Clone, path: str) -> None:
    """A commit in which no definition is left to be looked at by name."""
    assert (clone.root / path).is_file()
    clone.do("git", "rm", "--quiet", path)
    refused = clone.ran("git", "commit", "--message", "gone")

    assert refused.returncode == 1
    assert "error[" in refused.stdout + refused.stderr


def test_a_broken_file_is_stopped_and_a_sound_one_is_not(clone: Clone) -> None:
    """A changed definition is checked with the others; what is no definition is nobody's business."""
    (clone.root / "notes.md").write_text("notes")
    clone.do("git", "add", "notes.md")
    clone.do("git", "commit", "--quiet", "--message", "notes")
    (clone.root / COUNCILS / "alston.yaml").write_text("kind: Council\n")
    clone.do("git", "add", "--all")

    assert clone.ran("git", "commit", "--message", "broken").returncode == 1


def test_the_hook_of_this_repository_is_the_published_one() -> None:
    """`.pre-commit-config.yaml` runs what users run, from the virtual environment."""
    (published,) = yaml.safe_load((paths.PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (own,) = yaml.safe_load((paths.PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (hook,) = own["hooks"]

    assert hook == {key: published[key] for key in hook} | {"entry": f".venv/bin/{published['entry']}"}
