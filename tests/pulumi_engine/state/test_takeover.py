"""States that the real Pulumi engine wrote, or must be able to go on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.pulumi_engine.lab import LABEL, Words, ops
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.pulumi_engine.protocol.resource_types import CONTAINER
from moothall.pulumi_engine.provider.port import Live

IMAGE = "moothall-engine-test:busybox"


@pytest.fixture
def lab(tmp_path: Path) -> MemoryLab:
    """A lab without Docker."""
    return MemoryLab(tmp_path)


def cli_state(lab: MemoryLab) -> dict[str, Any]:
    """A container as the real Pulumi engine records it: defaults named in `__defaults`, provider-made outputs, a
    whole list sealed because one member is secret."""
    urn = "urn:pulumi:dev::bench::"
    stack, provider = f"{urn}pulumi:pulumi:Stack::bench-dev", f"{urn}pulumi:providers:docker::engine"
    inputs = {
        "__defaults": ["mustRun", "networkMode", "removeVolumes", "restart", "start", "waitTimeout"],
        "image": IMAGE,
        "name": "mem-app",
        "command": ["sleep", "infinity"],
        "stopSignal": "SIGKILL",
        "healthcheck": {
            "__defaults": ["startInterval"],
            "tests": ["CMD", "true"],
            "interval": "5s",
            "startInterval": "0s",
        },
        "labels": [{"__defaults": [], "label": LABEL, "value": lab.owner()[1]}],
        "mustRun": True,
        "networkMode": "bridge",
        "removeVolumes": True,
        "restart": "no",
        "start": True,
        "waitTimeout": 60,
        "uploads": {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            "plaintext": json.dumps([{"__defaults": [], "content": "key", "file": "/k"}]),
        },
    }
    outputs = {**inputs, "__meta": "{}", "__pulumi_raw_state_delta": {}, "bridge": "", "id": "id-of-cli"}
    host = {"__internal": {}, "host": lab.host, "version": "5.2.0"}
    return {
        "resources": [
            {"urn": stack, "custom": False, "type": "pulumi:pulumi:Stack"},
            {"urn": provider, "custom": True, "type": "pulumi:providers:docker", "id": "u-u-i-d", "inputs": host,
             "outputs": host, "parent": stack},
            {
                "urn": f"{urn}{CONTAINER}::app", "custom": True, "id": "id-of-cli", "type": CONTAINER, "inputs": inputs,
                "outputs": outputs, "parent": stack, "provider": f"{provider}::u-u-i-d",
                "sourcePosition": "project:///x.py#1,1",
            },
        ],
        "metadata": {},
    }  # fmt: skip


def test_a_state_of_the_real_engine_is_taken_over(lab: MemoryLab) -> None:
    """Nothing is replaced, a change in place is one, and foreign members stay in the file."""
    path = lab.backend.checkpoint("bench", "dev")
    path.parent.mkdir(parents=True)
    path.write_text(
        json.dumps({"version": 3, "checkpoint": {"stack": "organization/bench/dev", "latest": cli_state(lab)}})
    )
    lab.engine.objects["id-of-cli"] = Live(CONTAINER, "id-of-cli", "mem-app", {LABEL: lab.owner()[1]}, running=True)

    def declare(w: Words, **more: Any) -> None:
        key = w.docker.ContainerUploadArgs(file="/k", content=w.pulumi.Output.secret("key"))
        check = w.docker.ContainerHealthcheckArgs(tests=["CMD", "true"], interval="5s")
        w.container("app", uploads=[key], healthcheck=check, **more)

    assert ops(lab.preview(declare)) == {}
    assert ops(lab.up(lambda w: declare(w, memory=32, memory_swap=32))) == {"app": "update"}
    assert lab.checkpoint()["metadata"] == {}
    assert lab.resources()["engine"]["id"] == "u-u-i-d"
    assert "__meta" not in lab.resources()["app"]["outputs"]
    assert "__pulumi_raw_state_delta" not in lab.resources()["app"]["outputs"]


def test_recorded_outputs_are_complete_for_the_real_engine(lab: MemoryLab) -> None:
    """Without these members the real engine would turn its first change in place into a replacement."""
    lab.up(lambda w: (w.container("app"), w.network("net")))
    app = lab.resources()["app"]

    assert app["inputs"].keys() == {"name", "image", "command", "stopSignal", "networkMode", "labels"}
    added = {key: value for key, value in app["outputs"].items() if key not in app["inputs"]}
    assert added == {
        "containerReadRefreshTimeoutMilliseconds": 15000, "mustRun": True, "removeVolumes": True, "restart": "no",
        "start": True, "waitTimeout": 60, "entrypoints": [], "envs": [], "securityOpts": [], "networkDatas": [],
        "attach": False, "logs": False, "memoryReservation": 0, "readOnly": False, "rm": False, "stdinOpen": False,
        "tty": False, "wait": False, "id": app["id"],
    }  # fmt: skip
    assert lab.resources()["net"]["outputs"].items() >= {"ipamDriver": "default", "options": {}}.items()
    assert app["provider"].startswith("urn:pulumi:dev::bench::pulumi:providers:docker::engine::")
    assert lab.resources()["engine"]["inputs"].keys() == {"host", "version"}
