"""Calls about what containers use: images, networks and volumes."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.calls import Calls
from tests.fakes.containers import Volume, lets_by

from moothall.docker_engine.errors import NotFound, Refused
from moothall.docker_engine.port import EngineObject, Filters


class Resources(Calls):
    """The images, networks and volumes of one engine."""

    def has_image(self, image: str) -> bool:
        """Say whether there is an image of this ID or tag."""
        self.machine.asked()
        return self.machine.tag_of(image) is not None

    def networks(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the networks that the filters let by: `label` and `name`."""
        self.machine.asked()
        labels_by_name = self.machine.networks.items()
        return [{"Id": name, "Name": name} for name, labels in labels_by_name if lets_by(filters, labels, name)]

    def remove_network(self, network: str) -> None:
        """Remove one."""
        self.machine.asked()
        if network not in self.machine.networks:
            raise NotFound(f"{network} cannot be removed", "no such network", "no such network", 404)
        self.machine.step(f"remove {network}")
        del self.machine.networks[network]

    def volumes(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the volumes with a name that the filters let by: `label` and `name`."""
        self.machine.asked()
        volumes = self.machine.volumes.items()
        return [{"Name": name} for name, volume in volumes if lets_by(filters, volume.labels, name)]

    def create_volume(self, name: str, labels: Mapping[str, str]) -> str:
        """Make one; one that is there stays as it is."""
        self.machine.asked()
        self.machine.step(f"create volume {name}")
        self.machine.volumes.setdefault(name, Volume(labels))
        return name

    def remove_volume(self, volume: str, *, force: bool = False) -> None:
        """Remove one that nobody uses; `force` takes one that is gone for removed."""
        self.machine.asked()
        if volume not in self.machine.volumes and not force:
            raise NotFound(f"{volume} cannot be removed", "no such volume", "no such volume", 404)
        if volume in self.machine.volumes and self.machine.listed({"volume": volume}):
            raise Refused(f"{volume} cannot be removed", "volume is in use", "volume is in use", 409)
        self.machine.step(f"remove volume {volume}")
        self.machine.volumes.pop(volume, None)
