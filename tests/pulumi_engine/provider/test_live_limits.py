"""Limits of a container that runs: what an update call changes, the number of processes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.pulumi_engine.lab import HOST, Lab, Words, ops

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import NotFound
from moothall.model.engines import Endpoint

if TYPE_CHECKING:
    import docker

pytestmark = pytest.mark.live


def test_what_an_older_version_made_gets_its_limits_in_place(lab: Lab, client: docker.APIClient) -> None:
    """It had no share of processors and no limit of processes; the same container has both afterwards."""
    before = lab.up(lambda w: w.container("app", memory=16, memory_swap=16))
    assert before.status == "succeeded"
    made = client.inspect_container(lab.name("app"))
    assert made["HostConfig"]["PidsLimit"] == 64
    engine = Engine(Endpoint(HOST))
    engine.update_container(lab.name("app"), {"PidsLimit": -1})
    assert client.inspect_container(lab.name("app"))["HostConfig"]["PidsLimit"] != 64

    def declare(w: Words) -> None:
        w.container("app", memory=16, memory_swap=16, cpu_shares=512)

    after = lab.up(declare)

    assert ops(after) == {"app": "update"}
    now = client.inspect_container(lab.name("app"))
    assert (now["Id"], now["State"]["StartedAt"]) == (made["Id"], made["State"]["StartedAt"])
    host = now["HostConfig"]
    assert (host["PidsLimit"], host["CpuShares"], host["Memory"]) == (64, 512, 16 << 20)
    assert not lab.preview(declare).changes
    with pytest.raises(NotFound):
        engine.update_container("nobody", {"PidsLimit": 64})
