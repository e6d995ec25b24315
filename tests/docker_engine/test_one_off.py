"""How a one-off container is asked for: everything that holds it in is said in its request."""

from __future__ import annotations

import pytest

from moothall.docker_engine.hardening import NO_NETWORK, SPACE_OF, hardened_host_config
from moothall.docker_engine.one_off import OneOff


def test_the_least_that_can_be_asked_for() -> None:
    """On no network, without privileges, bounded in memory, processes and log; no health check of its image runs."""
    assert OneOff("image:1", "900:0", {"moothall.probe": "dales"}, 64).request() == {
        "Image": "image:1",
        "User": "900:0",
        "Labels": {"moothall.probe": "dales"},
        "Cmd": [],
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "Memory": 67108864,
            "MemorySwap": 67108864,
            "PidsLimit": 64,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "32m", "max-file": "1"}},
        },
    }


def test_all_that_can_be_asked_for() -> None:
    """In the words of Docker's HTTP API."""
    wanted = OneOff(
        "image:1",
        "900:0",
        {},
        64,
        network="council",
        name="copy",
        entrypoint=["run"],
        command=["all"],
        environment={"A": "b"},
        volumes=["/cfg"],
        tmpfs={"/tmp": "size=1m"},
        binds=["backups:/backup:ro"],
        shm_bytes=7,
        stop_signal="SIGINT",
        pids=256,
    ).request()
    host = wanted["HostConfig"]
    assert (wanted["Entrypoint"], wanted["Cmd"], wanted["Env"]) == (["run"], ["all"], ["A=b"])
    assert (wanted["Volumes"], wanted["StopSignal"]) == ({"/cfg": {}}, "SIGINT")
    assert (host["Tmpfs"], host["Binds"], host["ShmSize"]) == ({"/tmp": "size=1m"}, ["backups:/backup:ro"], 7)
    assert host["PidsLimit"] == 256


@pytest.mark.parametrize(("network", "asks"), [("council", True), (NO_NETWORK, False), (f"{SPACE_OF}relay", False)])
def test_who_is_on_a_network_asks_nobody_for_foreign_names(network: str, asks: bool) -> None:
    """The engine would wait for the answer before it stops it; who has no network of its own has no resolver either."""
    assert (hardened_host_config(network, 64, 64).get("Dns") == ["127.0.0.1"]) == asks
