"""Who has whose files mounted, from the engine's summary of all containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from moothall.docker_engine.port import Inspected
from moothall.docker_engine.stale import LABEL
from moothall.model.filesname import FOLDER, uploader


def name_of(container: Inspected) -> str:
    """Return a container's name as the plan writes it."""
    return str(container["Names"][0]).lstrip("/")


def mounted_by(containers: Iterable[Inspected], owner: str) -> set[str]:
    """Return the containers, but for it and its uploader, that have the files of the container `owner` mounted."""
    found = tuple(containers)
    own = {
        mount["Name"] for c in found if name_of(c) == owner for mount in c["Mounts"] if mount["Destination"] == FOLDER
    }
    return {user for volume in own for user in users(found, volume)} - {owner, uploader(owner)}


def users(containers: Iterable[Inspected], volume: str) -> set[str]:
    """Return the containers that can read a volume: those that mount it, or a folder of the machine around it."""
    found = tuple(containers)
    sources = {mount["Source"] for c in found for mount in c["Mounts"] if mount.get("Name") == volume}
    return {
        name_of(container)
        for container in found
        for mount in container["Mounts"]
        if mount.get("Name") == volume or (mount["Type"] == "bind" and _around(mount["Source"], sources))
    }


def _around(folder: str, sources: set[str]) -> bool:
    """Say whether a folder of the machine holds one of the volumes, or lies in it."""
    here = PurePosixPath(folder)
    return any(here == there or here in there.parents or there in here.parents for there in map(PurePosixPath, sources))


def foreign_on(containers: Iterable[Inspected], network: str, planned: set[str]) -> Iterator[str]:
    """Yield who is on a network, or shares the view of somebody who is, and is not planned to; probes apart."""
    found = tuple(containers)
    there = {container["Id"]: name_of(container) for container in found if network in _networks(container)}
    for container in found:
        if LABEL in (container.get("Labels") or {}):
            continue
        shared = container["HostConfig"]["NetworkMode"].removeprefix("container:")
        if container["Id"] in there and name_of(container) not in planned:
            yield f"{name_of(container)} is on {network}"
        elif shared in there:
            yield f"{name_of(container)} shares the network of {there[shared]}"


def _networks(container: Inspected) -> set[str]:
    return set(container["NetworkSettings"]["Networks"])
