"""`state export` prints what `pulumi stack export` prints, to the byte, of the states of either engine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.pulumi_cli.real_pulumi import SharedMemory
from tests.pulumi_engine.lab import PROJECT, Words
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once

from moothall.model.outcome import Report
from moothall.pulumi_engine.state.exporting import export
from moothall.report.renderers import render
from moothall.report.style import Style

pytestmark = pytest.mark.pulumi

STACK = "dev"


def program(w: Words) -> None:
    """One of each, with options, a secret, and texts that JSON may write in more than one way."""
    network = w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=w.subnet(1))])
    volume = w.volume("data", w.pulumi.ResourceOptions(protect=True, retain_on_delete=True))
    secret = w.pulumi.Output.secret("hush")
    file = w.docker.ContainerUploadArgs(file="/k", content=secret)
    options = w.pulumi.ResourceOptions(
        depends_on=[volume], ignore_changes=["memory"], aliases=[w.pulumi.Alias(name="b")]
    )
    envs = ["A=<b> & 'c' \u00e4\u2028\u20ac\U0001f600 \"q\" \\ \t\x7f"]
    w.container(
        "app", options, envs=envs, networks_advanced=w.joined(network), mounts=w.mounted(volume), uploads=[file]
    )
    w.pulumi.export("z", {"b": [], "a": {}, "n": 1.5, "big": 12345678901})


def printed(lab: MemoryLab, shared: SharedMemory, folder: Path) -> tuple[str, str]:
    """What we print, and what the CLI prints."""
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{lab.root}",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    command = [shared.pulumi.installation.program, "stack", "export", "--stack", f"organization/{PROJECT}/{STACK}"]
    done = subprocess.run(command, cwd="/", env=environment, capture_output=True, encoding="utf-8", check=True)
    ours = render(Report("deployment", export(lab.backend, PROJECT, STACK)), "text", Style(False))
    return ours, done.stdout


@pytest.mark.parametrize("engine", ["embedded", "pulumi"])
def test_both_print_the_same(shared: SharedMemory, tmp_path: Path, engine: str) -> None:
    """Whoever wrote the state."""
    lab = MemoryLab(tmp_path / "state")
    shared.use(lab)
    done = lab.up(program) if engine == "embedded" else shared.pulumi.up(lab.run(program), lab.backend)
    assert done.status == "succeeded", done.failures

    ours, theirs = printed(lab, shared, tmp_path)
    assert ours.splitlines() == theirs.splitlines()
    assert ours == theirs


def test_a_state_that_is_not_whole_is_printed_alike(shared: SharedMemory, tmp_path: Path) -> None:
    """One with a container that failed; then one that holds nothing any more."""
    lab = MemoryLab(tmp_path / "state")
    lab.engine.on_create = fails_once(lab.name("app"))
    assert lab.up(lambda w: w.container("app")).status == "failed"
    ours, theirs = printed(lab, shared, tmp_path)
    assert ours == theirs

    assert lab.up(lambda w: None).status == "succeeded"
    ours, theirs = printed(lab, shared, tmp_path)
    assert ours == theirs
