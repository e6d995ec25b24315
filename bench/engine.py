"""The embedded engine against a loop over the Docker SDK with eight threads, which knows neither order nor state."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from bench.table import Row

ROUNDS = 3
THREADS = 8
CONTAINERS, NETWORKS, VOLUMES = 12, 3, 6
TITLE = f"{CONTAINERS} containers, {NETWORKS} networks, {VOLUMES} volumes, median of {ROUNDS} interleaved rounds"
BASELINE = f"docker SDK, {THREADS} threads"
MOST = 1.15


def rows() -> Iterator[Row]:
    """Measure and yield the rows."""
    import docker
    from tests.pulumi_engine.lab import HOST, IMAGE

    try:
        client = docker.APIClient(HOST, version="auto")
    except docker.errors.DockerException as error:
        yield Row("up and destroy", "", skipped=f"no Docker engine answers: {error}")
        return
    if not client.images(IMAGE):
        yield Row("up and destroy", "", skipped=f"the image {IMAGE} is not there; the engine's tests make it")
        return
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        ours.append(_embedded())
        theirs.append(_loop(client))
    for at, work in enumerate(("up", "destroy")):
        seconds, base = (median(each[at] for each in found) for found in (ours, theirs))
        yield Row(work, f"{seconds:.2f} s", seconds / base, "x", f"{BASELINE}, {base:.2f} s", MOST)


def _embedded() -> tuple[float, float]:
    """Seconds for up and for destroy by the engine."""
    from tests.pulumi_engine.lab import Lab, Words

    def declare(w: Words) -> None:
        networks = [w.network(f"net{at}") for at in range(NETWORKS)]
        volumes = [w.volume(f"data{at}") for at in range(VOLUMES)]
        for at in range(CONTAINERS):
            joined, mounted = w.joined(networks[at % NETWORKS]), w.mounted(volumes[at % VOLUMES])
            check = w.docker.ContainerHealthcheckArgs(tests=["CMD", "true"], interval="30s")
            w.container(f"app{at}", networks_advanced=joined, mounts=mounted, healthcheck=check)

    with tempfile.TemporaryDirectory(prefix="moothall-bench-") as folder:
        lab = Lab(f"mhb-{secrets.token_hex(3)}", Path(folder), declarative=True)
        up = seconds(lambda: sound(lab.up(declare)))
        return up, seconds(lambda: sound(lab.destroy(with_data=True)))


def _loop(client: Any) -> tuple[float, float]:
    """Seconds for making the same and for removing it, with bare calls."""
    from tests.pulumi_engine.lab import FOREVER, IMAGE

    prefix = f"mhb-{secrets.token_hex(3)}"

    def network(at: int) -> None:
        client.create_network(f"{prefix}-net{at}", driver="bridge")

    def container(at: int) -> None:
        name, host = (
            f"{prefix}-app{at}",
            client.create_host_config(
                binds=[f"{prefix}-data{at % VOLUMES}:/data"], network_mode=f"{prefix}-net{at % NETWORKS}"
            ),
        )
        check = {"test": ["CMD", "true"], "interval": 30_000_000_000}
        client.create_container(IMAGE, FOREVER, name=name, host_config=host, healthcheck=check, stop_signal="SIGKILL")
        client.start(name)

    def up(pool: ThreadPoolExecutor) -> None:
        _all(pool, network, NETWORKS)
        _all(pool, lambda at: client.create_volume(f"{prefix}-data{at}"), VOLUMES)
        _all(pool, container, CONTAINERS)

    def gone(at: int) -> None:
        client.stop(f"{prefix}-app{at}", timeout=10)
        client.remove_container(f"{prefix}-app{at}", v=True, force=True)

    def destroy(pool: ThreadPoolExecutor) -> None:
        _all(pool, gone, CONTAINERS)
        _all(pool, lambda at: client.remove_network(f"{prefix}-net{at}"), NETWORKS)
        _all(pool, lambda at: client.remove_volume(f"{prefix}-data{at}"), VOLUMES)

    with ThreadPoolExecutor(THREADS) as pool:
        return seconds(lambda: up(pool)), seconds(lambda: destroy(pool))


def _all(pool: ThreadPoolExecutor, work: Callable[[int], object], count: int) -> None:
    done: Iterable[object] = pool.map(work, range(count))
    for _ in done:
        pass


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def sound(outcome: Any) -> None:
    if outcome.status != "succeeded":
        raise RuntimeError(f"the engine failed: {outcome.failures}")
