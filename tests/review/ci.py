"""The workflows and the pipeline as data, and a clone of main in which their scripts run as they stand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from tests.review.conftest import DALES, Project

from moothall import paths

WORKFLOWS = sorted((paths.PROJECT / ".github" / "workflows").glob("*.yml"))
PIPELINE = paths.PROJECT / ".gitlab-ci.yml"
CODE = (".ci", ".gitignore", "docs/rules.md", "images", "modules", "schemas", "src")
"""What of the project a clone holds: all that judges definitions."""


def parsed(file: Path) -> Any:
    """Return a workflow, with every word of it as text (`on` is no truth value here)."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def pipeline_jobs() -> dict[str, Any]:
    """Return the jobs of the pipeline by name, each with what is so for all of them where it says nothing else."""
    pipeline = parsed(PIPELINE)
    usual = {"before_script": pipeline["default"]["before_script"]}
    return {
        name: usual | job | {"variables": pipeline["variables"] | job.get("variables", {})}
        for name, job in pipeline.items()
        if "script" in job
    }


def scripts(workflow: str, job: str) -> list[str]:
    """Return what a job of a workflow runs, step by step, but for the step that installs main's code."""
    steps = parsed(paths.PROJECT / ".github" / "workflows" / f"{workflow}.yml")["jobs"][job]["steps"]
    return [step["run"] for step in steps if "run" in step and step["name"] != "Install"]


def make_origin(place: Path) -> Project:
    """Return a repository whose branch main has this project's code and the Dales."""
    origin = Project(place)
    origin.root.mkdir()
    listing = ["git", "-C", paths.PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *CODE]
    tracked = subprocess.run(listing, capture_output=True, encoding="utf-8", check=True).stdout.split("\0")
    for name in filter(None, tracked):
        if (paths.PROJECT / name).exists():
            (origin.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(paths.PROJECT / name, origin.root / name)
    shutil.copytree(DALES, origin.root, dirs_exist_ok=True)
    origin.edit("councils/alston.yaml", "      until: 2010-01-01\n", "")  # the jobs compare as it is today
    origin.git("init", "--quiet", "--initial-branch", "main")
    origin.commit("Main")
    return origin


class Clone:
    """A clone of main as both code hosts make it: every branch is fetched, and main alone is checked out."""

    def __init__(self, origin: Project, place: Path) -> None:
        self.project = Project(place / "clone")
        self.place = place
        self.root = self.project.root
        origin.git("clone", "--quiet", "--branch", "main", str(origin.root), str(self.root))
        self._install()

    def _install(self) -> None:
        """Do what the step that installs does, without a network: the command runs the code of this clone."""
        program = self.root / ".venv" / "bin" / "moothall"
        program.parent.mkdir(parents=True)
        program.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(self.root / 'src')!r})\n"
            "from moothall.__main__ import start\nstart()\n"
        )
        program.chmod(0o755)

    def run(self, script: str, *, shell: str = "bash", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script as the code host does, in the root of the clone."""
        words = ["--noprofile", "--norc", "-eo", "pipefail"] if shell == "bash" else ["-e"]
        environment = {
            "PATH": f"{self.place / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.place),
            "GITHUB_STEP_SUMMARY": str(self.place / "summary"),
            "GITHUB_OUTPUT": str(self.place / "output"),
            **variables,
        }
        return subprocess.run(
            [shell, *words, "-c", script], cwd=self.root, env=environment, capture_output=True, encoding="utf-8"
        )

    def leftovers(self) -> set[str]:
        """Return what is in the clone beside main's own files, and those of main's files that differ from it."""
        assert self.project.git("rev-parse", "HEAD") == self.project.git("rev-parse", "origin/main")
        status = self.project.git("-c", "core.quotePath=false", "status", "--porcelain", "--untracked-files=all")
        return {line.split()[-1] for line in status.splitlines()}
