"""The Docker engine that the stand-in talks to, played on the engine in memory: what it answers and what it refuses."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from docker.errors import APIError, NotFound
from tests.pulumi_cli.standin.docker_body import body
from tests.pulumi_cli.standin.docker_check import bare, checked
from tests.pulumi_cli.standin.docker_outcome import failed
from tests.pulumi_cli.standin.docker_plan import planned_anew
from tests.pulumi_cli.standin.docker_schema import CONTAINER, NETWORK, TABLES, VOLUME
from tests.pulumi_cli.standin.standin import guess
from tests.pulumi_engine.memory_engine import MemoryEngine

from moothall.pulumi_engine.provider.port import Live, StepFailed

DEFAULT_NETWORK = "bridge"
LIMIT_WORDS = {
    "mem_limit": "Memory",
    "memswap_limit": "MemorySwap",
    "mem_reservation": "MemoryReservation",
    "cpu_shares": "CpuShares",
    "cpuset_cpus": "CpusetCpus",
    "restart_policy": "RestartPolicy",
}


class MemoryDaemon:
    """The methods of `docker.APIClient` that the stand-in calls; objects and calls are the engine's in memory."""

    def __init__(self, engine: MemoryEngine) -> None:
        self._engine = engine
        self._failing: dict[str, str] = {}

    def inspect_image(self, image: str) -> dict[str, Any]:
        """Every image is there."""
        return {"Id": image}

    def create_container_from_config(self, config: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Make a container, unless one has this name. One that is to fail half made fails at the next call."""
        if there := self._engine.facts().with_name(CONTAINER, name):
            raise _refusal(f'Conflict. The container name "/{name}" is already in use by container "{there.id}".')
        try:
            id_ = self._engine.begin(CONTAINER, name)
        except StepFailed as error:
            if not error.left_id:
                raise _refusal(error.message) from error
            id_ = error.left_id
            self._failing[id_] = error.message
        self._engine.objects[id_] = Live(CONTAINER, id_, name, config.get("Labels", {}))
        self._engine.described[id_] = _described(config, [DEFAULT_NETWORK])
        return {"Id": id_}

    def create_network(self, name: str, labels: Mapping[str, str], **how: Any) -> dict[str, Any]:
        """Make a network, unless one has this name."""
        if self._engine.facts().with_name(NETWORK, name):
            raise _refusal(f"network with name {name} already exists")
        id_ = self._begin(NETWORK, name)
        self._engine.objects[id_] = Live(NETWORK, id_, name, labels)
        self._engine.described[id_] = _network(name, labels, how)
        return {"Id": id_}

    def create_volume(self, name: str, driver: str | None, driver_opts: Any, labels: Any) -> dict[str, Any]:
        """Make a volume; one that is there already is answered as it is."""
        if not self._engine.facts().with_name(VOLUME, name):
            self._begin(VOLUME, name)
            self._engine.objects[name] = Live(VOLUME, name, name, labels)
            self._engine.described[name] = _volume(name, labels, driver_opts)
        return {"Name": name}

    def inspect_container(self, id_: str) -> dict[str, Any]:
        """A container as it is."""
        live, about = self._live(id_), self._about(id_)
        state = {"Running": live.running, "ExitCode": self._engine.exit_code(id_) or 0, "Health": {"Status": "healthy"}}
        networks = {name: {} for name in about["Networks"]}
        settings = {"Bridge": "", "Networks": networks, "Ports": about["HostConfig"].get("PortBindings")}
        return {"Name": f"/{live.name}", **about, "State": state, "NetworkSettings": settings}

    def inspect_network(self, id_: str) -> dict[str, Any]:
        """A network as it is."""
        self._live(id_)
        return self._about(id_)

    inspect_volume = inspect_network

    def start(self, id_: str) -> None:
        """Start a container; its networks have to be there."""
        for name in self._about(id_)["Networks"]:
            if name != DEFAULT_NETWORK and not self._network(name):
                raise _refusal(f"network {name} not found")
        self._run(id_, True)

    def stop(self, id_: str, timeout: int) -> None:
        """Stop a container."""
        self._run(id_, False)

    def wait(self, id_: str, condition: str) -> dict[str, Any]:
        """A container that is waited for ends at once, with the code that the engine has for it."""
        guess("inside")
        self._run(id_, False)
        return {"StatusCode": self._engine.exit_code(id_) or 0}

    def put_archive(self, id_: str, path: str, data: bytes) -> bool:
        """Take files, but not below a root that is read-only."""
        host = self._about(id_)["HostConfig"]
        targets = {mount["Target"] for mount in host.get("Mounts", ())}
        if host.get("ReadonlyRootfs") and path not in targets:
            raise _refusal("container rootfs is marked read-only")
        return True

    def connect_container_to_network(self, id_: str, net_id: str, **how: Any) -> None:
        """That a network is not there shows when the container starts."""
        self._about(id_)["Networks"].append(net_id)

    def disconnect_container_from_network(self, id_: str, net_id: str) -> None:
        """Take a container off a network."""
        self._about(id_)["Networks"].remove(net_id)

    def update_container(self, id_: str, **limits: Any) -> None:
        """Set limits; one that is not said stays."""
        live, host = self._live(id_), self._about(id_)["HostConfig"]
        said = {LIMIT_WORDS[word]: value for word, value in limits.items()}
        wanted = {**host, **said}
        if 0 < wanted.get("MemorySwap", 0) < wanted.get("Memory", 0):
            raise _refusal("Minimum memoryswap limit should be larger than memory limit, see usage")
        host.update(said)
        self._engine.calls.append(("update", live.name))

    def remove_container(self, id_: str, v: bool, force: bool) -> None:
        """Remove a container."""
        self._live(id_)
        self._engine.delete(CONTAINER, id_, {"name": self._engine.objects[id_].name})

    def remove_network(self, id_: str) -> None:
        """Remove a network on which nobody runs."""
        name = self._live(id_).name
        for other in self._containers():
            if other.running and {name, id_} & {*self._about(other.id)["Networks"]}:
                raise _refusal(f"error while removing network: network {name} id {id_} has active endpoints")
        self._engine.delete(NETWORK, id_, {"name": name})

    def remove_volume(self, id_: str, force: bool) -> None:
        """Remove a volume that no container has, running or not."""
        self._live(id_)
        for other in self._containers():
            if any(mount.get("Source") == id_ for mount in self._about(other.id)["HostConfig"].get("Mounts", ())):
                raise _refusal(f"remove {id_}: volume is in use - [{other.id}]")
        self._engine.delete(VOLUME, id_, {"name": id_})

    def _begin(self, type_: str, name: str) -> str:
        try:
            return self._engine.begin(type_, name)
        except StepFailed as error:
            raise _refusal(error.message) from error

    def _containers(self) -> list[Live]:
        return [live for live in self._engine.facts().all() if live.kind == CONTAINER]

    def _network(self, name: str) -> Live | None:
        facts = self._engine.facts()
        return facts.with_name(NETWORK, name) or facts.with_id(NETWORK, name)

    def _live(self, id_: str) -> Live:
        if id_ not in self._engine.objects:
            raise NotFound("404 Client Error", explanation=f"No such object: {id_}")
        return self._engine.objects[id_]

    def _about(self, id_: str) -> dict[str, Any]:
        """What is known of an object; one that the embedded engine made is described by its inputs."""
        if id_ in self._failing:
            raise _refusal(self._failing.pop(id_))
        if id_ not in self._engine.described:
            live = self._live(id_)
            self._engine.described[id_] = _from_inputs(live, self._engine.inputs[id_])
        return self._engine.described[id_]

    def _run(self, id_: str, running: bool) -> None:
        self._about(id_)
        self._engine.objects[id_] = replace(self._live(id_), running=running)


def _refusal(text: str) -> APIError:
    return APIError("409 Client Error", explanation=text)


def _described(config: Mapping[str, Any], networks: list[str]) -> dict[str, Any]:
    host = dict(config["HostConfig"])
    if host.get("Memory") and not host.get("MemorySwap"):
        host["MemorySwap"] = 2 * host["Memory"]
    host.setdefault("ShmSize", 64 * 2**20)
    ports = {}
    numbers = itertools.count(32768)
    for key, ends in host.get("PortBindings", {}).items():
        ports[key] = [
            {**end, "HostPort": end["HostPort"] if end["HostPort"] != "0" else str(next(numbers))} for end in ends
        ]
    return {"Config": dict(config), "HostConfig": {**host, "PortBindings": ports}, "Networks": networks}


def _network(name: str, labels: Mapping[str, str], how: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Name": name,
        "Labels": labels,
        "Driver": how.get("driver") or "bridge",
        "Options": how.get("options"),
        "IPAM": how["ipam"],
        "Internal": how.get("internal", False),
        "Attachable": bool(how.get("attachable")),
    }


def _volume(name: str, labels: Mapping[str, str], options: Any) -> dict[str, Any]:
    return {"Name": name, "Labels": labels, "Driver": "local", "Options": options, "Mountpoint": f"/volumes/{name}"}


def _from_inputs(live: Live, inputs: Mapping[str, Any]) -> dict[str, Any]:
    table = TABLES[live.kind]
    values = failed(table, planned_anew(table, bare(checked(table, {k: v for k, v in inputs.items() if k in table}))))
    if live.kind == VOLUME:
        return _volume(live.name, live.labels, values["driverOpts"])
    if live.kind == NETWORK:
        ipam = {"Driver": values["ipamDriver"], "Config": []}
        return _network(live.name, live.labels, {"driver": values["driver"], "ipam": ipam})
    networks = [item["name"] for item in values["networksAdvanced"] or ()]
    return _described(body(values), networks or [DEFAULT_NETWORK])
