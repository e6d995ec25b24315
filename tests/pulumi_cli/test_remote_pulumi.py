"""A state that is not in --state: Pulumi's own backends by URL.

A folder elsewhere stands for the bucket: to the CLI and to us it is one more URL, and nothing of it is read but through
the CLI.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pulumi_cli.real_pulumi import PROJECT_FOLDER, SharedMemory, installation
from tests.pulumi_engine.lab import Words, ops
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall import pulumi_engine
from moothall.pulumi_cli import Pulumi

pytestmark = pytest.mark.pulumi
TWO_COUNCILS = PROJECT_FOLDER / "tests" / "cases" / "valid" / "two-councils"


@pytest.fixture
def lab(tmp_path: Path) -> MemoryLab:
    """A lab whose own state stays empty."""
    return MemoryLab(tmp_path / "state")


@pytest.fixture
def pulumi(lab: MemoryLab, tmp_path: Path) -> Iterator[Pulumi]:
    """The real engine with its state elsewhere."""
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    shared = SharedMemory(installation(tmp_path / "installed"))
    shared.use(lab)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_DEBUG_PROVIDERS", f"docker:{shared.port}")
        yield Pulumi(shared.pulumi.installation, f"file://{bucket}")
    shared.server.stop(0)


def declare(w: Words) -> None:
    """A protected volume, and a container with a secret."""
    file = w.docker.ContainerUploadArgs(file="/tmp/key", content=w.pulumi.Output.secret("a-remote-canary"))
    volume = w.volume("data", w.pulumi.ResourceOptions(protect=True))
    w.container("app", mounts=w.mounted(volume), uploads=[file])


def test_a_life_in_a_remote_backend(pulumi: Pulumi, lab: MemoryLab, tmp_path: Path) -> None:
    """Previewed, stood up, found again, taken down; the local state holds nothing of it, and nothing is in clear."""
    run = lab.run(declare)
    assert ops(pulumi.preview(run, lab.backend))["app"] == "create"
    assert [found.stack for found in pulumi.survey("bench", lab.backend).stacks] == []

    assert pulumi.up(run, lab.backend).status == "succeeded"
    assert ops(pulumi.preview(run, lab.backend)) == {}
    [found] = pulumi.survey("bench", lab.backend).stacks
    assert (found.stack, found.resources) == ("dev", 4)
    assert not lab.backend.checkpoint("bench", "dev").exists()
    _nowhere(tmp_path, "a-remote-canary")

    planned = pulumi.destroy_preview("bench", "dev", lab.backend, with_data=False)
    assert ops(planned) == {"app": "delete"}
    done = pulumi.destroy("bench", "dev", lab.backend, lab.owner(), with_data=False)
    assert ops(done) == {"app": "delete"}
    assert [live.name for live in lab.engine.objects.values()] == ["mem-data"]


def test_another_passphrase_opens_nothing(pulumi: Pulumi, lab: MemoryLab) -> None:
    """One clear sentence, and nothing is touched."""
    assert pulumi.up(lab.run(declare), lab.backend).status == "succeeded"
    lab.engine.calls.clear()
    other = pulumi_engine.Backend(lab.root, lambda: "quite another passphrase")

    refused = pulumi.up(lab.run(lambda w: None), other)

    assert refused.status == "failed"
    assert "incorrect passphrase" in refused.failures[0].message
    assert lab.engine.calls == []


@pytest.mark.parametrize("verb", [("preview",), ("up", "--yes"), ("destroy", "--yes")])
def test_a_backend_that_is_not_reached_is_named_and_nothing_more(
    pulumi: Pulumi, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    """Exit 1 and three lines; neither user nor password are in them, in a log, or in any file that is left."""
    root, temporary = tmp_path / "root", tmp_path / "tmp"
    shutil.copytree(TWO_COUNCILS, root, ignore=shutil.ignore_patterns(".moothall"))
    temporary.mkdir()
    environment = os.environ | {
        "MOOTHALL_PULUMI": str(pulumi.installation.plugins.parent),
        "MOOTHALL_PASSPHRASE": "a passphrase of the tests",
        "TMPDIR": str(temporary),
    }
    words = [*verb, "--engine", "pulumi", "--backend", "postgres://councillor:hunter2@127.0.0.1:9/states"]
    command = [sys.executable, "-m", "moothall", *words]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done
    assert "does not reach the states in postgres://127.0.0.1:9: " in done.stderr
    assert not re.search("hunter2|councillor", done.stdout + done.stderr)
    assert list(temporary.rglob("moothall*")) == []
    _nowhere(tmp_path, "hunter2")


def _nowhere(folder: Path, canary: str) -> None:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    assert [path for path in files if canary.encode() in path.read_bytes()] == []
