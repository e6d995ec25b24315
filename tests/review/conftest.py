"""A git repository of definitions to review; the engine in memory is borrowed from the engine's own tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DALES = Path(__file__).parent / "dales"
DAY = "2008-06-01"
_ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_CI = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "DOCKER_HOST")


class Project:
    """The Dales in a git repository of their own, with the real command line to ask about them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *words: str) -> str:
        """Run git in the repository."""
        bound = subprocess.run(
            ["git", "rev-parse", "--local-env-vars"], capture_output=True, encoding="ascii", check=True
        )
        alone = {name: value for name, value in os.environ.items() if name not in bound.stdout.split()} | _ALONE
        who = ("-c", "user.name=Reviewer", "-c", "user.email=reviewer@dales.test", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(self.root), *who, *words]
        ran = subprocess.run(command, capture_output=True, encoding="utf-8", env=alone, check=True)
        return ran.stdout.strip()

    def commit(self, message: str) -> str:
        """Commit everything and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def file(self, name: str) -> Path:
        """Return a file of the partnership."""
        return self.root / "partnerships" / "dales" / name

    def edit(self, name: str, old: str, new: str) -> None:
        """Exchange a text in a file of the partnership, which must be there."""
        text = self.file(name).read_text(encoding="utf-8")
        assert old in text
        self.file(name).write_text(text.replace(old, new), encoding="utf-8")

    def ask(self, *words: str, day: str = DAY, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the real command line, with no engine to be reached and nothing of CI around it."""
        command = [sys.executable, "-m", "moothall", *words, "--root", str(self.root), "--as-of", day]
        plain = {name: value for name, value in os.environ.items() if name not in _CI}
        nowhere = {"DOCKER_HOST": "unix:///nowhere.sock", "PYTHONUTF8": "1"}
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", env=plain | _ALONE | nowhere | environment, check=False
        )

    def view(self, *words: str, code: int = 0, day: str = DAY, **environment: str) -> Any:
        """Return the JSON that the command line answers with."""
        ran = self.ask(*words, "--format", "json", day=day, **environment)
        assert (ran.returncode, ran.stderr) == (code, "")
        return json.loads(ran.stdout)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The Dales, committed on the branch main."""
    made = Project(tmp_path / "project")
    shutil.copytree(DALES, made.root)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit("The Dales")
    return made


def new_council(project: Project, name: str, number: int) -> None:
    """Add a council that uses the ledger."""
    text = project.file("councils/alston.yaml").read_text(encoding="utf-8")
    text = text.replace("alston", name).replace("Alston", name.title())
    text = text.replace("5f0f0a02", f"5f0f{number:04d}").replace("10.1.8.0/24", f"10.1.{number}.0/24")
    project.file(f"councils/{name}.yaml").write_text(text, encoding="utf-8")
