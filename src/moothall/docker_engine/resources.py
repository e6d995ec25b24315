"""Calls about what containers use: images, networks and volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from moothall.docker_engine.connection import Connection
from moothall.docker_engine.errors import NotFound, translate_docker_errors
from moothall.docker_engine.port import EngineObject, Filters


class ResourceCalls(Connection):
    """The images, networks and volumes of one engine. Every method raises DockerError, NotFound for what is absent."""

    def has_image(self, image: str) -> bool:
        """Say whether the engine has an image of this ID or tag."""
        try:
            return bool(self.inspect_image(image))
        except NotFound:
            return False

    def inspect_image(self, image: str) -> EngineObject:
        """Return everything about an image."""
        with translate_docker_errors(f"The engine does not show the image {image}"):
            return cast(EngineObject, self._client.inspect_image(image))  # type: ignore[no-untyped-call]

    def networks(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return a summary of every network, or of those that filters let by."""
        with translate_docker_errors("The engine does not list its networks"):
            return cast(list[EngineObject], self._client.networks(filters=dict(filters) if filters else None))

    def network(self, name: str) -> EngineObject | None:
        """Return everything about a network, or None if there is none of this name."""
        with translate_docker_errors(f"The engine does not show the network {name}"):
            summaries = self._client.networks(names=[name])
        return next((network for network in summaries if network["Name"] == name), None)

    def inspect_network(self, network: str) -> EngineObject:
        """Return everything about a network, with the containers that run on it."""
        with translate_docker_errors(f"The engine does not show the network {network}"):
            return cast(EngineObject, self._client.inspect_network(network))

    def create_network(self, name: str, *, pools: Sequence[Mapping[str, str]], **how: Any) -> str:
        """Create a network of which the engine has no other of that name; return its id.

        `pools` are its addresses (`IPAM.Config` of the HTTP API), `how` more words of the SDK's `create_network`.
        """
        ipam: Any = {"Driver": "default", "Config": [dict(pool) for pool in pools]}
        with translate_docker_errors(f"The network {name} cannot be created"):
            return str(self._client.create_network(name, ipam=ipam, check_duplicate=True, **how)["Id"])

    def remove_network(self, network: str) -> None:
        """Remove a network."""
        with translate_docker_errors(f"The network {network} cannot be removed"):
            self._client.remove_network(network)

    def connect_network(self, container: str, network: str, address: str | None, aliases: Sequence[str] | None) -> None:
        """Put a container on a network, with an address and names there, as far as they are said."""
        with translate_docker_errors(f"The container {container} cannot be put on {network}"):
            self._client.connect_container_to_network(container, network, ipv4_address=address, aliases=aliases)

    def disconnect_network(self, container: str, network: str, *, force: bool = False) -> None:
        """Take a container off a network."""
        with translate_docker_errors(f"The container {container} cannot be taken off {network}"):
            self._client.disconnect_container_from_network(container, network, force=force)

    def volumes(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return a summary of every volume, or of those that filters let by."""
        with translate_docker_errors("The engine does not list its volumes"):
            return list(self._client.volumes(filters=dict(filters) if filters else None)["Volumes"] or ())

    def inspect_volume(self, volume: str) -> EngineObject:
        """Return everything about a volume."""
        with translate_docker_errors(f"The engine does not show the volume {volume}"):
            return cast(EngineObject, self._client.inspect_volume(volume))

    def create_volume(
        self,
        name: str,
        labels: Mapping[str, str],
        driver: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> str:
        """Create a volume; return its name."""
        with translate_docker_errors(f"The volume {name} cannot be created"):
            driver_options = dict(options) if options is not None else None
            return str(self._client.create_volume(name, driver, driver_options, dict(labels))["Name"])

    def remove_volume(self, volume: str, *, force: bool = False) -> None:
        """Remove a volume."""
        with translate_docker_errors(f"The volume {volume} cannot be removed"):
            self._client.remove_volume(volume, force=force)
