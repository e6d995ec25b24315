"""A state with a tainted resource, handed to and fro between the embedded engine and Pulumi's CLI by hand."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.pulumi_cli.real_pulumi import SharedMemory
from tests.pulumi_engine.lab import PASSPHRASE, PROJECT, Words, ops
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once

from moothall import pulumi_engine
from moothall.pulumi_engine.state import exporting

pytestmark = pytest.mark.pulumi

STACK = "dev"


@pytest.fixture
def lab(shared: SharedMemory, tmp_path: Path) -> MemoryLab:
    """A lab that both engines work on."""
    made = MemoryLab(tmp_path / "state")
    shared.use(made)
    return made


class Cli:
    """The CLI in somebody's hands: a folder with the project's file, and the state's address."""

    def __init__(self, shared: SharedMemory, lab: MemoryLab, folder: Path) -> None:
        (folder / "work").mkdir()
        (folder / "work" / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
        (folder / "phrase").write_text(PASSPHRASE)
        (folder / "home").mkdir()
        (folder / "home" / "plugins").symlink_to(shared.pulumi.installation.plugins)
        self._program, self._folder, self._root = shared.pulumi.installation.program, folder, lab.root

    def __call__(self, *words: str) -> str:
        """Run a command on the stack and return what it printed."""
        environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self._root}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self._folder / "phrase"),
            "PULUMI_HOME": str(self._folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        command = [self._program, "--non-interactive", *words, "--stack", STACK]
        done = subprocess.run(command, cwd=self._folder / "work", env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout


@pytest.fixture
def pulumi(shared: SharedMemory, lab: MemoryLab, tmp_path: Path) -> Cli:
    """The CLI."""
    return Cli(shared, lab, tmp_path)


def app(w: Words) -> None:
    """A volume, a container, and a secret."""
    w.volume("data")
    w.container("app")
    w.pulumi.export("secret", w.pulumi.Output.secret("hush"))


def head(lab: MemoryLab) -> dict[str, Any]:
    """What the checkpoint says of its format."""
    whole = json.loads(lab.backend.checkpoint(PROJECT, STACK).read_text())
    return {key: value for key, value in whole.items() if key != "checkpoint"}


def test_what_pulumi_taints_is_made_anew_here(lab: MemoryLab, pulumi: Cli) -> None:
    """`pulumi state taint` and a refresh write version 4; the embedded engine reads it, replaces, writes 3 again."""
    lab.up(app)
    pulumi("state", "taint", "--yes", next(r["urn"] for r in lab.checkpoint()["resources"] if r["urn"].endswith("app")))
    pulumi("refresh", "--yes")
    assert head(lab) == {"version": 4, "features": ["taint"]}

    assert pulumi_engine.survey(PROJECT, lab.backend).stacks[0].failed
    assert ops(lab.preview(app)) == {"app": "replace"}
    assert lab.up(app).status == "succeeded"
    assert head(lab) == {"version": 3}
    assert json.loads(pulumi("stack", "export"))["version"] == 3


def test_what_fails_here_is_read_by_pulumi(shared: SharedMemory, lab: MemoryLab, pulumi: Cli) -> None:
    """The file is what the CLI itself would write: taken out and put back by it, it is the same."""
    lab.engine.on_create = fails_once(lab.name("app"))
    assert lab.up(app).status == "failed"
    before, ours = lab.checkpoint(), exporting.export(lab.backend, PROJECT, STACK)
    theirs = json.loads(pulumi("stack", "export"))

    assert head(lab) == {"version": 4, "features": ["taint"]}
    assert (ours["version"], ours["features"]) == (theirs["version"], theirs["features"])
    assert ours["deployment"]["resources"] == theirs["deployment"]["resources"]
    pulumi("refresh", "--yes")
    assert head(lab) == {"version": 4, "features": ["taint"]}
    assert [r["urn"] for r in lab.checkpoint()["resources"]] == [r["urn"] for r in before["resources"]]

    pulumi("state", "untaint", "--yes", next(r["urn"] for r in before["resources"] if r["urn"].endswith("app")))
    assert head(lab) == {"version": 3}
    assert lab.preview(app).status == "previewed"


def test_a_tainted_stack_is_destroyed_with_its_data_by_pulumi(shared: SharedMemory, lab: MemoryLab) -> None:
    """The state passes through export and import of the Automation API, which forget what a version 4 needs."""
    lab.engine.on_create = fails_once(lab.name("app"))
    lab.up(app)

    gone = shared.pulumi.destroy(PROJECT, STACK, lab.backend, lab.owner(), with_data=True)

    assert gone.status == "succeeded", gone.failures
    assert lab.engine.objects == {}
