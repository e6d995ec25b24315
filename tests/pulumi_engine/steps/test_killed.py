"""kill -9 at every moment of an up: the next up completes by itself, nothing is double, no volume is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.pulumi_engine.lab import LABEL, Lab, ops
from tests.pulumi_engine.programs import small_stack

if TYPE_CHECKING:
    import docker

pytestmark = pytest.mark.live
BEFORE, AFTER = 1, 2
"""The numbers of the networks that are made first and afterwards."""
# There are about eight saves and as many calls as numbered; every call, and every second save, is the last of a run.
FIRST_UP = [("save", n) for n in (1, 3, 5, 7)] + [("fold", 1), ("fold", 2)] + [("call", n) for n in range(1, 8)]
REPLACE = [("save", n) for n in (2, 4, 6, 8)] + [("fold", 1)] + [("call", n) for n in range(1, 10)]


def killed_up(lab: Lab, env: str, net: int, what: str, number: int) -> None:
    """Run up in a process of its own that dies at the moment."""
    script = Path(__file__).with_name("killed.py")
    words = [sys.executable, str(script), str(lab.root), lab.prefix, env, lab.subnet(net), what, str(number)]
    paths = os.environ | {"PYTHONPATH": str(script.parents[3])}
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False, env=paths)
    assert done.returncode == -9, done.stdout + done.stderr


def names(lab: Lab, client: docker.APIClient) -> list[str]:
    """The names of everything on the engine that belongs to the lab."""
    chosen = {"label": f"{LABEL}={lab.owner()[1]}"}
    containers = [item["Names"][0].lstrip("/") for item in client.containers(all=True, filters=chosen)]
    networks = [item["Name"] for item in client.networks(filters=chosen)]
    volumes = [item["Name"] for item in client.volumes(filters=chosen)["Volumes"] or ()]
    return sorted([*containers, *networks, *volumes])


def assert_whole(lab: Lab, client: docker.APIClient, env: str, net: int) -> None:
    """One more up completes, then everything is there once and nothing is left to do."""
    done = lab.up(small_stack(env, lab.subnet(net)))
    assert done.status == "succeeded", done.failures
    assert names(lab, client) == sorted(lab.name(part) for part in ("app", "cfg", "cfg-volume", "job", "net", "data"))
    assert "pending_operations" not in lab.checkpoint()
    assert ops(lab.preview(small_stack(env, lab.subnet(net)))) == {}
    assert client.inspect_container(lab.name("app"))["State"]["Running"]


@pytest.mark.parametrize(("what", "number"), FIRST_UP)
def test_first_up_killed(lab: Lab, client: docker.APIClient, what: str, number: int) -> None:
    """Killed while everything was being made."""
    killed_up(lab, "1", BEFORE, what, number)

    assert_whole(lab, client, "1", BEFORE)


@pytest.mark.parametrize(("what", "number"), REPLACE)
def test_replace_killed(lab: Lab, client: docker.APIClient, what: str, number: int) -> None:
    """Killed while network, service and job were being replaced; what the job wrote before is still there."""
    lab.up(small_stack("1", lab.subnet(BEFORE)))
    made = client.inspect_volume(lab.name("data"))["CreatedAt"]
    killed_up(lab, "2", AFTER, what, number)

    assert_whole(lab, client, "2", AFTER)
    assert client.inspect_volume(lab.name("data"))["CreatedAt"] == made
    reader = client.create_container(
        "moothall-engine-test:busybox",
        ["cat", "/data/runs"],
        labels={LABEL: lab.owner()[1]},
        host_config=client.create_host_config(binds=[f"{lab.name('data')}:/data"]),
    )
    client.start(reader)
    client.wait(reader)
    runs = client.logs(reader).decode().split()
    assert runs[0] == "1"
    assert "2" in runs
