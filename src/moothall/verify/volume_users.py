"""Who has whose files mounted, from the engine's summary of all containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from moothall.docker_engine.port import EngineObject
from moothall.docker_engine.stale import LABEL
from moothall.model.filesname import FOLDER, uploader


def name_of(container: EngineObject) -> str:
    """Return a container's name as the plan writes it."""
    return str(container["Names"][0]).lstrip("/")


def mounted_by(containers: Iterable[EngineObject], owner: str) -> set[str]:
    """Return the containers, but for it and its uploader, that have the files of the container `owner` mounted."""
    summaries = tuple(containers)
    own_volumes = {
        mount["Name"]
        for c in summaries
        if name_of(c) == owner
        for mount in c["Mounts"]
        if mount["Destination"] == FOLDER
    }
    return {user for volume in own_volumes for user in users(summaries, volume)} - {owner, uploader(owner)}


def users(containers: Iterable[EngineObject], volume: str) -> set[str]:
    """Return the containers that can read a volume: those that mount it, or a folder of the machine around it."""
    summaries = tuple(containers)
    sources = {mount["Source"] for c in summaries for mount in c["Mounts"] if mount.get("Name") == volume}
    return {
        name_of(container)
        for container in summaries
        for mount in container["Mounts"]
        if mount.get("Name") == volume or (mount["Type"] == "bind" and _around(mount["Source"], sources))
    }


def _around(folder: str, sources: set[str]) -> bool:
    """Say whether a folder of the machine holds one of the volumes, or lies in it."""
    folder_path = PurePosixPath(folder)
    return any(
        folder_path == source_path or folder_path in source_path.parents or source_path in folder_path.parents
        for source_path in map(PurePosixPath, sources)
    )


def strangers_on(containers: Iterable[EngineObject], network: str, planned_names: set[str]) -> Iterator[str]:
    """Yield each container that is on a network, or shares the view of one that is, and is not planned; no probes."""
    summaries = tuple(containers)
    names_by_id = {container["Id"]: name_of(container) for container in summaries if network in _networks(container)}
    for container in summaries:
        if LABEL in (container.get("Labels") or {}):
            continue
        network_container = container["HostConfig"]["NetworkMode"].removeprefix("container:")
        if container["Id"] in names_by_id and name_of(container) not in planned_names:
            yield f"{name_of(container)} is on {network}"
        elif network_container in names_by_id:
            yield f"{name_of(container)} shares the network of {names_by_id[network_container]}"


def _networks(container: EngineObject) -> set[str]:
    return set(container["NetworkSettings"]["Networks"])
