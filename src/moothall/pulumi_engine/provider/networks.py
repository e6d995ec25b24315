"""Taking networks down, and containers off them, so that the engine keeps count of who is connected.

Docker 20.10 under load has lost count: a network of which it lists no endpoint "has active endpoints", for good. Only
its next start counts anew.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import NotFound
from moothall.pulumi_engine.provider.calls import calling, mutating
from moothall.pulumi_engine.provider.port import EndpointLeaked, StepFailed

LEAVING_AT_ONCE = 4
"""How many containers are stopped at once on one network: each of them changes the same count."""
LETTING_GO_SECONDS = 10.0
"""How long a busy engine may take to let go of the endpoints of containers that are gone."""
LOOK_SECONDS = 0.5
CONNECTED = "has active endpoints"
_NOBODYS = "ep-"
"""How the engine lists an endpoint of which it does not know the container."""

_semaphores: defaultdict[tuple[str, str], threading.Semaphore] = defaultdict(
    lambda: threading.Semaphore(LEAVING_AT_ONCE),
)
_semaphores_lock = threading.Lock()


@contextmanager
def leaving(host: str, inputs: Mapping[str, Any]) -> Iterator[None]:
    """Bound how many containers leave each of a container's networks at once; `inputs` are the container's."""
    names = sorted({item["name"] for item in inputs.get("networksAdvanced") or ()})
    with _semaphores_lock:
        semaphores = [_semaphores[host, name] for name in names]
    with ExitStack() as stack:
        for semaphore in semaphores:  # in one order everywhere, so that nobody waits in a circle
            stack.enter_context(semaphore)
        yield


def remove_network(engine: Engine, id_: str) -> None:
    """Remove a network; one that is gone already is well.

    Raises StepFailed when something is connected to it, and EndpointLeaked when the engine says so and nothing is.
    """
    deadline = time.monotonic() + LETTING_GO_SECONDS
    while True:
        try:
            with mutating(engine.host), suppress(NotFound):
                engine.remove_network(id_)
            return
        except StepFailed as refusal:
            if CONNECTED not in refusal.message:
                raise
            with calling(engine.host):
                if _users(engine, id_):
                    raise
                name = str(engine.inspect_network(id_)["Name"])
            if time.monotonic() > deadline:
                raise EndpointLeaked(_leak_message(name, engine.host)) from None
        time.sleep(LOOK_SECONDS)


def _users(engine: Engine, id_: str) -> Iterable[str]:
    """Return the containers on a network, by its own list and by that of all containers that run."""
    endpoints = engine.inspect_network(id_).get("Containers") or {}
    container_ids = [key for key in endpoints if not key.startswith(_NOBODYS)]
    return [*container_ids, *(container["Id"] for container in engine.running_containers({"network": id_}))]


def _leak_message(name: str, host: str) -> str:
    machine = host.removeprefix("ssh://").partition("/")[0]
    restart = f"ssh {machine} systemctl restart docker" if host.startswith("ssh://") else "systemctl restart docker"
    return (
        f"The engine at {host} counts somebody on the network {name}, and nobody is: it has lost count, and only a "
        f"restart of the engine puts that right. Everything else goes on without it. Then run the same command again: "
        f"{restart}"
    )
