"""Real containers against the plan: one made as planned, and one badly made for each kind of deviation."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import docker
import pytest
from docker.types import LogConfig, Mount
from tests.built import NOT_BUILT, TAGS, built
from tests.verify import plans

from moothall.docker_engine.engine import Engine
from moothall.model import filesname
from moothall.model.planned import JOB, WAITING, Stack
from moothall.verify.spec_diff import deviations

pytestmark = pytest.mark.live
HOST = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
PREFIX = f"verify-test-{secrets.token_hex(3)}"
IMAGE = built("haproxy")
STACK = plans.plan(PREFIX, IMAGE).stacks[0]
PLANNED = replace(STACK.containers[0], mounts=(plans.Mount("data", "/data"),), role="relay")
OTHER = f"{PREFIX}.other"
DATA = Mount("/data", STACK.volumes[0].name)
FILES = Mount("/cfg", filesname.volume(PLANNED.name, "0123456789"), read_only=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.APIClient]:
    """Give the engine with two networks and a volume of our own; take away all that the tests have left."""
    client = docker.APIClient(HOST, version="auto")
    if IMAGE == NOT_BUILT:
        pytest.skip("the image haproxy is not built")
    networks = [client.create_network(name, internal=True) for name in (PLANNED.networks[0].network, OTHER)]
    client.create_volume(STACK.volumes[0].name)
    yield client
    for container in client.containers(all=True, filters={"name": PREFIX}):
        client.remove_container(container["Id"], v=True, force=True)
    for network in networks:
        client.remove_network(network["Id"])
    client.remove_volume(STACK.volumes[0].name)
    client.remove_volume(FILES["Source"])
    client.close()


def host_settings() -> dict[str, Any]:
    """Return the settings of a container made as planned."""
    return {
        "network_mode": PLANNED.networks[0].network,
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": "32m",
        "memswap_limit": "32m",
        "cpu_shares": 512,
        "pids_limit": 64,
        "shm_size": "16m",
        "tmpfs": {"/tmp": "size=8m"},
        "log_config": LogConfig(type="json-file", config={"max-size": "2m", "max-file": "2"}),
        "restart_policy": {"Name": "no"},
        "mounts": [DATA, FILES],
    }


def settings() -> dict[str, Any]:
    """Return what else a container made as planned is made with."""
    return {
        "image": IMAGE,
        "command": ["sleep", "60"],
        "user": "920:0",
        "stop_signal": "SIGTERM",
        "stop_timeout": 5,
        "healthcheck": {"test": ["CMD", "true"], "interval": 120 * 10**9, "start_period": 10 * 10**9},
    }


def make(client: docker.APIClient, changes: dict[str, Any], host_changes: dict[str, Any]) -> str:
    """Make a container as planned but for the changes; return its id."""
    alias = PLANNED.networks[0].aliases
    network = {PLANNED.networks[0].network: client.create_endpoint_config(aliases=list(alias))}
    made = client.create_container(
        name=f"{PREFIX}-{secrets.token_hex(3)}",
        **(
            {"networking_config": client.create_networking_config(network)}
            | settings()
            | {"host_config": client.create_host_config(**(host_settings() | host_changes))}
            | changes
        ),
    )
    return str(made["Id"])


def seen(container: str, stack: Stack = STACK, **planned: Any) -> list[str]:
    """Return what is different about a container."""
    return deviations(stack, replace(PLANNED, **planned), Engine(HOST).container(container))


def test_a_container_made_as_planned(engine: docker.APIClient) -> None:
    """Nothing to say once it runs."""
    container = make(engine, {}, {})
    engine.start(container)
    assert seen(container) == []


NOT_STARTED = "does not run (created, exit code 0)"
BAD_HOST_SETTINGS = [
    ({"read_only": False}, "has a writable root file system"),
    ({"cap_drop": []}, "has not dropped all capabilities"),
    ({"cap_drop": ["NET_RAW"]}, "has not dropped all capabilities"),
    ({"cap_add": ["NET_ADMIN"]}, "has capabilities added (NET_ADMIN)"),
    ({"security_opt": []}, "may gain new privileges"),
    ({"security_opt": ["no-new-privileges", "seccomp=unconfined"]}, "is unconfined"),
    ({"mem_limit": "64m", "memswap_limit": "64m"}, "memory is 67108864 instead of 33554432"),
    ({"memswap_limit": "64m"}, "memory with swap is 67108864 instead of 33554432"),
    ({"cpu_shares": 2}, "share of processors is 2 instead of 512"),
    ({"pids_limit": 65}, "limit of processes is 65 instead of 64"),
    ({"shm_size": "64m"}, "shared memory is 67108864 instead of 16777216"),
    ({"tmpfs": {}}, "tmpfs is [] instead of ['/tmp']"),
    ({"log_config": None}, "may log without limit"),
    ({"restart_policy": {"Name": "always"}}, "restart is 'always' instead of 'no'"),
    ({"privileged": True}, "is privileged"),
    ({"pid_mode": "host"}, "shares a namespace (PidMode host)"),
    ({"ipc_mode": "host"}, "shares a namespace (IpcMode host)"),
    ({"devices": ["/dev/null:/dev/extra:r"]}, "has devices of the machine"),
    ({"binds": ["/etc:/data/etc:ro"]}, "has /etc of the machine mounted at /data/etc"),
    ({"mounts": [Mount("/data", STACK.volumes[0].name, read_only=True), FILES]}, "volume at /data is "),
    ({"mounts": [DATA, Mount("/cfg", FILES["Source"])]}, "at /cfg, which is not planned"),
    ({"mounts": [DATA, Mount("/cfg", None)]}, "at /cfg, which is not planned"),
    ({"port_bindings": {"443": ("127.0.0.1", 18443)}}, "publishes 443/tcp at 127.0.0.1, port 18443"),
    ({"publish_all_ports": True}, "publishes all its ports"),
]  # fmt: skip
BAD_SETTINGS = [
    ({"user": "0:0"}, "user is '0:0' instead of '920:0'"),
    ({"user": "0:0"}, "runs as root"),
    ({"stop_signal": "SIGKILL"}, "stop signal is 'SIGKILL' instead of 'SIGTERM'"),
    ({"stop_timeout": 60}, "stop timeout is 60 instead of 5"),
    ({"healthcheck": {"test": ["NONE"]}}, "health check is ['NONE'] instead of ['CMD', 'true']"),
    ({"healthcheck": {"test": ["CMD", "true"]}}, "health check Interval is 0 instead of 120000000000"),
    ({"volumes": ["/more"]}, "at /more, which is not planned"),
]


@pytest.mark.parametrize(("changes", "said"), BAD_HOST_SETTINGS)
def test_a_badly_made_container(engine: docker.APIClient, changes: dict[str, Any], said: str) -> None:
    """Each setting of the host part that is not as planned is named, and that one only."""
    found = [line for line in seen(make(engine, {}, changes)) if line != NOT_STARTED]
    assert any(said in line for line in found), found


@pytest.mark.parametrize(("changes", "said"), BAD_SETTINGS)
def test_another_badly_made_container(engine: docker.APIClient, changes: dict[str, Any], said: str) -> None:
    """Each other setting that is not as planned is named."""
    found = [line for line in seen(make(engine, changes, {})) if line != NOT_STARTED]
    assert any(said in line for line in found), found


def test_a_container_on_a_network_too_many(engine: docker.APIClient) -> None:
    """The network is named."""
    container = make(engine, {}, {})
    engine.connect_container_to_network(container, OTHER)
    assert f"is on the network {OTHER}, which is not planned" in seen(container)


def test_a_container_that_is_not_on_its_network(engine: docker.APIClient) -> None:
    """The network is named."""
    container = make(engine, {}, {})
    engine.disconnect_container_from_network(container, PLANNED.networks[0].network)
    assert f"is not on the network {PLANNED.networks[0].network}" in seen(container)


def test_a_container_without_its_alias(engine: docker.APIClient) -> None:
    """Nobody would find it."""
    container = make(engine, {"networking_config": None}, {})
    assert f"is not known as durham.erp.test on {PLANNED.networks[0].network}" in seen(container)


def test_a_container_of_another_image(engine: docker.APIClient) -> None:
    """Whatever the container says that it was made from; and one of which nothing is on record is another."""
    container = make(engine, {}, {})
    assert f"image is '{IMAGE}' instead of '{NOT_BUILT}'" in seen(container, image=NOT_BUILT)
    tag = TAGS["haproxy"]
    assert f"image is '{IMAGE}', and of {tag} nothing is on record as built" in seen(container, image=tag)


def test_a_container_without_a_planned_volume(engine: docker.APIClient) -> None:
    """Its data would be lost with it."""
    container = make(engine, {}, {"mounts": []})
    assert f"volume at /data is None instead of ('{PREFIX}.durham.data', True)" in seen(container)


def test_states(engine: docker.APIClient) -> None:
    """A service and a waiting one run, a job has ended well; each is said of the others."""
    waiting, job, failed, running = (
        make(engine, {"command": command}, {}) for command in (["true"], ["true"], ["false"], ["sleep", "60"])
    )
    for container in (job, failed, running):
        engine.start(container)
    for container in (job, failed):
        engine.wait(container)
    assert seen(running, kind=WAITING) == seen(job, kind=JOB) == seen(running) == []
    assert seen(waiting, kind=WAITING) == [NOT_STARTED]
    assert seen(waiting) == [NOT_STARTED]
    assert seen(waiting, kind=JOB) == ["has not succeeded (created, exit code 0)"]
    assert seen(failed, kind=JOB) == ["has not succeeded (exited, exit code 1)"]
    assert seen(failed) == ["does not run (exited, exit code 1)"]


def test_a_container_that_is_not_there(engine: docker.APIClient) -> None:
    """It is missing, which is a deviation like others."""
    assert seen(f"{PREFIX}-none") == ["is missing"]
