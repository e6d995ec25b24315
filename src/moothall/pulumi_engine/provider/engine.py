"""A Docker engine as a provider."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import NotFound
from moothall.model.engines import Endpoint
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, NETWORK, VOLUME, labels
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.provider.calls import calling, engine_at, mutating
from moothall.pulumi_engine.provider.containers import Containers
from moothall.pulumi_engine.provider.networks import remove_network
from moothall.pulumi_engine.provider.port import Facts, Live

UP = frozenset({"running", "restarting"})


def connect(address: Endpoint) -> DockerEngine:
    """The engine at an address. Raises EngineUnreachable."""
    return DockerEngine(engine_at(address))


class DockerEngine:
    """Containers, networks and volumes of one engine; satisfies `Provider`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._host = engine.host
        self._containers = Containers(engine)

    def facts(self) -> Facts:
        """Three list calls. Raises EngineUnreachable."""
        with calling(self._host):
            return Facts([*self._list_containers(), *self._list_networks(), *self._list_volumes()])

    def create(self, type_: str, inputs: Mapping[str, Json]) -> str:
        """Make the object. Raises StepFailed."""
        if type_ == CONTAINER:
            return self._containers.create(inputs)
        with mutating(self._host):
            return self._create_network(inputs) if type_ == NETWORK else self._create_volume(inputs)

    def adoptable(self, live: Live, inputs: Mapping[str, Json]) -> bool:
        """Containers never: nobody knows how far one got. A volume always unless it would have to be another kind
        of volume, because its data cannot be made again; a network when it is equal."""
        with calling(self._host):
            if live.kind == NETWORK:
                return _same_network(self._engine.inspect_network(live.id), inputs)
            return live.kind == VOLUME and _same_volume(self._engine.inspect_volume(live.id), inputs)

    def update(self, type_: str, id_: str, inputs: Mapping[str, Json], changed_properties: frozenset[str]) -> None:
        """Change a container in place; networks and volumes have nothing that can be changed. Raises StepFailed."""
        if type_ == CONTAINER:
            self._containers.update(id_, inputs, changed_properties)

    def delete(self, type_: str, id_: str, inputs: Mapping[str, Json]) -> None:
        """Remove the object. Raises StepFailed."""
        if type_ == CONTAINER:
            self._containers.delete(id_, inputs)
            return
        if type_ == NETWORK:
            remove_network(self._engine, id_)
            return
        with mutating(self._host), contextlib.suppress(NotFound):
            self._engine.remove_volume(id_)

    def release(self, network: str, containers: Collection[str]) -> None:
        """Take these containers, as far as they are on it, off a network that goes. Raises StepFailed."""
        with mutating(self._host), contextlib.suppress(NotFound):
            inspected = self._engine.inspect_network(network)
            for container in [endpoint["Name"] for endpoint in (inspected.get("Containers") or {}).values()]:
                if container in containers:
                    self._engine.disconnect_network(container, network, force=True)

    def logs(self, id_: str) -> str:
        """The last lines that a container has written."""
        return self._containers.last_lines(id_)

    def exit_code(self, id_: str) -> int | None:
        """The exit code of a container that ran and has ended."""
        return self._containers.exit_code(id_)

    def _create_network(self, inputs: Mapping[str, Any]) -> str:
        return self._engine.create_network(
            inputs["name"],
            pools=[_ipam(item) for item in inputs.get("ipamConfigs") or ()],
            driver=inputs.get("driver") or "bridge",
            options=inputs.get("options") or {},
            internal=bool(inputs.get("internal")),
            labels=labels(inputs),
            attachable=bool(inputs.get("attachable")),
        )

    def _create_volume(self, inputs: Mapping[str, Any]) -> str:
        return self._engine.create_volume(
            inputs["name"], labels(inputs), inputs.get("driver") or "local", inputs.get("driverOpts") or {}
        )

    def _list_containers(self) -> Iterator[Live]:
        for item in self._engine.containers():
            for name in item["Names"] or ():
                object_labels, running = item["Labels"] or {}, item["State"] in UP
                yield Live(
                    CONTAINER,
                    item["Id"],
                    name.lstrip("/"),
                    object_labels,
                    running,
                    frozenset(_networks_and_volumes(item)),
                )

    def _list_networks(self) -> Iterator[Live]:
        for item in self._engine.networks():
            yield Live(NETWORK, item["Id"], item["Name"], item["Labels"] or {})

    def _list_volumes(self) -> Iterator[Live]:
        for item in self._engine.volumes():
            yield Live(VOLUME, item["Name"], item["Name"], item["Labels"] or {})


def _networks_and_volumes(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The networks and volumes of a container as the list call shows it."""
    for name in (item.get("NetworkSettings") or {}).get("Networks") or ():
        yield NETWORK, name
    for mount in item.get("Mounts") or ():
        if mount.get("Type") == "volume" and mount.get("Name"):
            yield VOLUME, mount["Name"]


def _ipam(item: Mapping[str, str]) -> dict[str, str]:
    names = {"subnet": "Subnet", "gateway": "Gateway", "ipRange": "IPRange"}
    return {names[key]: value for key, value in item.items() if value}


def _same_network(inspected: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether a network is as wanted; of the addresses only what was asked for counts, the engine adds gateways."""
    pools = (inspected.get("IPAM") or {}).get("Config") or []
    expected_pools = [_ipam(item) for item in inputs.get("ipamConfigs") or ()]
    return (
        inspected["Driver"] == (inputs.get("driver") or "bridge")
        and inspected["Internal"] == bool(inputs.get("internal"))
        and inspected["Attachable"] == bool(inputs.get("attachable"))
        and (inspected.get("Options") or {}) == (inputs.get("options") or {})
        and (inspected.get("Labels") or {}) == labels(inputs)
        and all(any(pool.items() >= expected.items() for pool in pools) for expected in expected_pools)
    )


def _same_volume(inspected: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    return inspected["Driver"] == (inputs.get("driver") or "local") and (inspected.get("Options") or {}) == (
        inputs.get("driverOpts") or {}
    )
