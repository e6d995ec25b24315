"""What a planned object looks like to the engine: its properties under pulumi-docker's names, as plain data.

Left out is what is the same for every object of its kind. Secrets are compared by the markers that name them, and
certificates by everything that their bytes are made from; a test holds this to `deploy` and the engine itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from moothall.model.planned import JOB, Attachment, Container, File, Network, Plan, Volume

Properties = Mapping[str, object]

_MARKER = re.compile(r"<<(authority|certificate)(?::([^>]+))?>>")


class CertificateInputs:
    """What the certificates of a plan are made from; equal values give equal certificates."""

    def __init__(self, plan: Plan, renewal_day: date) -> None:
        """Take the plan, and the day on which its certificates are made: they are renewed every year."""
        self._authority = f"{plan.partnership} {plan.agreed.isoformat()}"
        self._leaves = plan.leaves
        self._year = renewal_day.year

    def expand_markers(self, text: str) -> str:
        """Return the text of a file with every certificate's marker replaced by what it is made from."""
        return _MARKER.sub(self._certificate, text)

    def _certificate(self, marker: re.Match[str]) -> str:
        kind, name = marker.groups()
        return self._authority if kind == "authority" else f"{self._authority} {self._year} {self._leaves[name]}"


def of_network(network: Network) -> Properties:
    """Return the properties of a network."""
    return {
        "name": network.name,
        "internal": network.internal,
        "ipamConfigs": [{"subnet": network.subnet, "gateway": network.gateway, "ipRange": network.ip_range}],
        "options": dict(network.options),
    }


def of_volume(volume: Volume) -> Properties:
    """Return the properties of a volume."""
    return {"name": volume.name, "driverOpts": dict(volume.driver_opts) or None}


def of_container(container: Container, certificates: CertificateInputs) -> Properties:
    """Return the properties of a container, its files written out."""
    return {
        "name": container.name,
        "image": container.image,
        "user": container.user,
        "command": list(container.command),
        "envs": sorted(f"{key}={value}" for key, value in container.environment.items()),
        "networksAdvanced": _sorted_items(map(_attachment, container.networks)),
        "mounts": _sorted_items(vars(mount) for mount in container.mounts),
        "uploads": _sorted_items(_file(file, container, certificates) for file in container.files),
        "tmpfs": dict(container.tmpfs) or None,
        "ports": _sorted_items(vars(port) for port in container.ports),
        "labels": [
            container.role,
            container.council,
            container.instance,
            _network_digests(container),
        ],
        "memory": container.memory_mb,
        "memorySwap": container.memory_mb,
        "cpuShares": container.cpu_shares,
        "shmSize": container.shm_mb,
        "healthcheck": _health(container),
        "stopSignal": container.stop_signal,
        "stopTimeout": container.stop_seconds,
        "destroyGraceSeconds": container.stop_seconds,
        "restart": container.restart,
        "mustRun": container.kind != JOB,
        "start": True,
        "attach": container.kind == JOB,
    }


def certificates_alone(before: Properties, after: Properties) -> bool:
    """Say whether the files of two containers differ in certificates alone, which are exchanged in place."""
    return _other_files(before) == _other_files(after)


def _other_files(properties: Properties) -> list[object]:
    uploads = properties.get("uploads")
    assert isinstance(uploads, list)
    return [upload for upload in uploads if not upload["leaf"]]


def _file(file: File, container: Container, certificates: CertificateInputs) -> Mapping[str, object]:
    """Return a file as its container's: that a volume and an uploader bring it there is nothing of its own."""
    return {
        "file": file.path,
        "content": certificates.expand_markers(file.text),
        "leaf": file.path in container.leaf_files,
    }


def _network_digests(container: Container) -> list[str]:
    """Return the digests of the networks of other stacks that a container is attached to, sorted, as in its label."""
    return sorted(place.made for place in container.networks if place.made)


def _attachment(place: Attachment) -> Mapping[str, object]:
    return {"name": place.network, "aliases": sorted(place.aliases), "ipv4Address": place.address}


def _health(container: Container) -> Mapping[str, object] | None:
    health = container.health
    if health is None:
        return None
    return {"tests": list(health.command), "interval": health.interval, "startPeriod": health.start_period}


def _sorted_items(items: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the items of a set in one order, whatever order they were declared in."""
    return sorted(map(dict, items), key=repr)
