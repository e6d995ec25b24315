"""What the real Docker plug-in does on an engine, call by call, and in which words it says that something failed."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker.errors import APIError, ImageNotFound, NotFound
from tests.pulumi_cli.standin.docker_body import body, label_items, labels, limits, read_back
from tests.pulumi_cli.standin.docker_schema import CONTAINER, NETWORK
from tests.pulumi_cli.standin.docker_values import as_sent
from tests.pulumi_cli.standin.standin import guess

from moothall.docker_engine.tar import Entry, pack_tar

# A change of one of these is made by an update call; every other change in place is only recorded.
LIMITS = frozenset({"restart", "maxRetryCount", "cpuShares", "memory", "memoryReservation", "cpuSet", "memorySwap"})
PATIENCE = 30.0  # seconds that the real plug-in tries to remove what is in use
NO_HEALTH = (
    "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. "
    "Please remove the 'wait' argument or add a 'healthcheck' attribute"
)
FILE, PROGRAM = 0o644, 0o744  # modes of files for which none is said
Values = Mapping[str, Any]


class Refused(Exception):
    """The engine, or the plug-in itself, refused. `left` is the id of an object that is there all the same."""

    def __init__(self, message: str, left: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.left = left


class Hand:
    """The calls of one engine; `client` is a `docker.APIClient`, or something with its methods."""

    def __init__(self, client: Any, patience: float = PATIENCE) -> None:
        self._client = client
        self._patience = patience

    def create(self, type_: str, values: Values) -> str:
        """Make an object; its id. Raises Refused."""
        if type_ == CONTAINER:
            return self._create_container(values)
        if type_ == NETWORK:
            with _saying("Unable to create network"):
                return str(self._client.create_network(values["name"], **_network(values))["Id"])
        with _saying("Unable to create volume"):
            how = {"driver": values["driver"] or None, "driver_opts": values["driverOpts"] or None}
            return str(self._client.create_volume(values["name"], labels=labels(values["labels"]), **how)["Name"])

    def update(self, id_: str, old: Values, new: Values) -> None:
        """Change a container: its limits and restart policy, and starting it; nothing stops one. Raises Refused."""
        changed = {name for name in new if old[name] != new[name]}
        if "mustRun" in changed and new["mustRun"] and new["start"]:
            with _saying("Unable to start container"):
                self._client.start(id_)
        if changed & LIMITS:
            with _saying("Unable to update a container"):
                self._client.update_container(id_, **limits(new))

    def delete(self, type_: str, id_: str, values: Values) -> None:
        """Remove an object; one that is in use is asked for again until patience ends. Raises Refused."""
        if type_ == CONTAINER:
            self._delete_container(id_, values)
        elif type_ == NETWORK:
            self._until_removed(lambda: self._client.remove_network(id_), "has active endpoints", "pending")
        else:
            self._until_removed(lambda: self._client.remove_volume(id_, force=True), "volume is in use", "in_use")

    def read(self, type_: str, id_: str, values: Values) -> dict[str, Any] | None:
        """What is read off an object; None for one that is gone."""
        try:
            if type_ == CONTAINER:
                return read_back(self._client.inspect_container(id_), values)
            if type_ == NETWORK:
                return _network_read_back(self._client.inspect_network(id_))
            return _volume_read_back(self._client.inspect_volume(id_))
        except NotFound:
            return None

    def _create_container(self, values: Values) -> str:
        try:
            self._client.inspect_image(values["image"])
        except ImageNotFound as error:
            guess("pull")
            raise Refused(f"Unable to create container with image {values['image']}: it is not there") from error
        with _saying("Unable to create container"):
            id_ = str(self._client.create_container_from_config(body(values), values["name"])["Id"])
        try:
            self._finish(id_, values)
        except Refused as error:
            raise Refused(error.message, id_) from error
        return id_

    def _finish(self, id_: str, values: Values) -> None:
        """Connect, fill, start, and wait: what fails here leaves the container."""
        if any(len(values[name] or ()) > 1 for name in ("uploads", "mounts", "networksAdvanced")):
            guess("order")
        self._connect(id_, values)
        for item in values["uploads"] or ():
            self._put(id_, item)
        if values["start"]:
            with _saying("Unable to start container"):
                self._client.start(id_)
            if values["wait"]:
                self._await_health(id_, values["waitTimeout"])
        if values["attach"]:
            # What it ended with is recorded, and is no failure.
            with _saying("Unable to wait container end of execution"):
                self._client.wait(id_, condition="not-running")

    def _connect(self, id_: str, values: Values) -> None:
        networks = values["networksAdvanced"] or []
        if networks:
            with _saying("Unable to disconnect the default network", but_for="is not connected to"):
                self._client.disconnect_container_from_network(id_, "bridge")
        for item in networks:
            with _saying(f"Unable to connect to network '{item['name']}'"):
                self._client.connect_container_to_network(
                    id_,
                    item["name"],
                    ipv4_address=item["ipv4Address"] or None,
                    aliases=as_sent(item["aliases"] or []) or None,
                )

    def _put(self, id_: str, item: Values) -> None:
        """One file, put to `/`: an engine refuses that for a container whose root is read-only, whatever is mounted."""
        content, mode = _content(item), item["permissions"]
        bits = int(mode, 8) if mode else PROGRAM if item["executable"] else FILE
        with _saying("Unable to upload volume content"):
            self._client.put_archive(id_, "/", pack_tar([Entry(item["file"], content, bits)]))

    def _await_health(self, id_: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            health = self._client.inspect_container(id_)["State"].get("Health")
            if health is None:
                raise Refused(NO_HEALTH)
            if health["Status"] == "healthy":
                return
            time.sleep(0.25)
        raise Refused("container failed to be in healthy state")

    def _delete_container(self, id_: str, values: Values) -> None:
        if not values["attach"]:
            # Without destroyGraceSeconds it is killed at once, whatever its own grace is.
            with _saying(f"Error stopping container {id_}", but_for="No such container"):
                self._client.stop(id_, timeout=values["destroyGraceSeconds"] or 0)
        with _saying(f"Error deleting container {id_}", but_for="No such container"):
            self._client.remove_container(id_, v=bool(values["removeVolumes"]), force=True)

    def _until_removed(self, remove: Callable[[], None], busy: str, state: str) -> None:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return remove()
            except NotFound:
                return None
            except APIError as error:
                if busy not in str(error.explanation):
                    raise Refused(_said(error)) from error
            if time.monotonic() > deadline:
                limit = f"{self._patience:g}s"
                raise Refused(
                    f"timeout while waiting for state to become 'removed' (last state: '{state}', timeout: {limit})"
                )
            time.sleep(min(0.5, self._patience))


@contextmanager
def _saying(what: str, but_for: str = "") -> Iterator[None]:
    """Tell an engine's refusal in the plug-in's words, but for one that does not matter."""
    try:
        yield
    except APIError as error:
        if not but_for or but_for not in str(error.explanation):
            raise Refused(f"{what}: {_said(error)}") from error


def _said(error: APIError) -> str:
    return f"Error response from daemon: {error.explanation}"


def _content(item: Values) -> bytes:
    """Exactly one of three; an empty file cannot be told from none."""
    given = [name for name in ("content", "contentBase64", "source") if item[name]]
    if len(given) != 1:
        amount = "one of" if not given else "only one of"
        raise Refused(f"error with upload content: {amount} 'content', 'content_base64', or 'source' must be set")
    if given == ["source"]:
        return Path(item["source"]).read_bytes()
    return base64.b64decode(item["contentBase64"]) if given == ["contentBase64"] else str(item["content"]).encode()


def _network(values: Values) -> dict[str, Any]:
    words = {"subnet": "Subnet", "ipRange": "IPRange", "gateway": "Gateway", "auxAddress": "AuxiliaryAddresses"}
    pools = [{word: item[name] for name, word in words.items() if item[name]} for item in values["ipamConfigs"] or ()]
    return {
        "driver": values["driver"] or None,
        "check_duplicate": True,
        "options": values["options"] or None,
        "ipam": {"Driver": values["ipamDriver"], "Config": pools},
        "internal": bool(values["internal"]),
        "attachable": bool(values["attachable"]) or None,
        "labels": labels(values["labels"]),
    }


def _network_read_back(found: Values) -> dict[str, Any]:
    pools = (found.get("IPAM") or {}).get("Config") or []
    return {
        "name": found["Name"],
        "labels": label_items(found.get("Labels")),
        "driver": found["Driver"],
        "internal": found.get("Internal", False),
        "attachable": found.get("Attachable", False),
        "ingress": found.get("Ingress", False),
        "ipv6": found.get("EnableIPv6", False),
        "ipamDriver": found["IPAM"]["Driver"],
        "ipamOptions": found["IPAM"].get("Options") or {},
        "options": found.get("Options") or {},
        "scope": found.get("Scope", "local"),
        "ipamConfigs": [
            {
                "subnet": pool.get("Subnet", ""),
                "ipRange": pool.get("IPRange", ""),
                "gateway": pool.get("Gateway", ""),
                "auxAddress": pool.get("AuxiliaryAddresses") or {},
            }
            for pool in pools
        ],
    }


def _volume_read_back(found: Values) -> dict[str, Any]:
    return {
        "name": found["Name"],
        "labels": label_items(found.get("Labels")),
        "driver": found["Driver"],
        "driverOpts": found.get("Options") or {},
        "mountpoint": found["Mountpoint"],
    }
