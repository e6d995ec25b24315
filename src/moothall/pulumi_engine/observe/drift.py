"""Where an object on the engine is not as the state records it: pure, recorded inputs and inspected JSON in.

What is recorded is turned into the request that would make the object, and that is held against what the engine says
of it (Docker Engine API 1.41, `ContainerInspect`, `NetworkInspect`, `VolumeInspect`). What a request leaves to the
image is taken from the image. Values of environment variables and files are never shown: they may be secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from moothall.pulumi_engine.protocol.resource_types import CONTAINER, KINDS, NETWORK, VOLUME, labels, with_defaults
from moothall.pulumi_engine.provider.create_request import container_body

Trouble = Literal["missing", "stopped", "running", "unhealthy", "made-again", "changed", "added"]
Inspected = Mapping[str, Any]
Inputs = Mapping[str, Any]

# Pulumi's names of properties, and Docker's of the same in a container's `Config` and `HostConfig`.
_CONFIG = {
    "image": "Image",
    "user": "User",
    "hostname": "Hostname",
    "workingDir": "WorkingDir",
    "stopSignal": "StopSignal",
    "stopTimeout": "StopTimeout",
    "command": "Cmd",
    "entrypoints": "Entrypoint",
}
_HOST = {
    "networkMode": "NetworkMode",
    "memory": "Memory",
    "memorySwap": "MemorySwap",
    "memoryReservation": "MemoryReservation",
    "cpuShares": "CpuShares",
    "cpus": "NanoCpus",
    "shmSize": "ShmSize",
    "readOnly": "ReadonlyRootfs",
    "tmpfs": "Tmpfs",
    "init": "Init",
    "sysctls": "Sysctls",
    "restart": "RestartPolicy",
    "ports": "PortBindings",
    "logDriver": "LogConfig",
}
_SETS = {
    "dns": "Dns",
    "dnsOpts": "DnsOptions",
    "dnsSearches": "DnsSearch",
    "capabilities.adds": "CapAdd",
    "capabilities.drops": "CapDrop",
    "securityOpts": "SecurityOpt",
    "groupAdds": "GroupAdd",
    "hosts": "ExtraHosts",
}
_UNLIMITED = frozenset({"memory", "memoryReservation", "cpuShares", "cpus"})
_NEVER_GIVEN = {"privileged": "Privileged", "devices": "Devices", "pidMode": "PidMode"}


@dataclass(frozen=True)
class Difference:
    """One way in which an object is not as recorded.

    `property` is empty for an object as a whole. `recorded` and `found` are empty where they would show a secret.
    `volume` is that in which an uploaded file is not as recorded.
    """

    urn: str
    kind: str
    name: str
    trouble: Trouble
    property: str = ""
    recorded: str = ""
    found: str = ""
    volume: str = ""


@dataclass(frozen=True)
class Found:
    """What the engine shows of one object: its own JSON, the configuration of a container's image, and the digest and
    mode of each of a container's files by path; a path that is not there has None."""

    inspected: Inspected
    image: Inspected
    files: Mapping[str, str | None]


Change = tuple[str, object, object]
"""A property, what is recorded of it, and what was found."""


def changes(type_: str, inputs: Inputs, files: Mapping[str, str], found: Found) -> Iterator[Change]:
    """Everything in which an object differs; `files` are the recorded digests and modes by path."""
    given = with_defaults(KINDS[type_], inputs)
    if type_ == NETWORK:
        yield from _network(given, found.inspected)
    elif type_ == VOLUME:
        yield from _volume(given, found.inspected)
    elif type_ == CONTAINER:
        yield from _container(given, found)
        yield from _files(files, found.files)


def shown(value: object) -> str:
    """A value in one line of text."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _network(given: Inputs, found: Inspected) -> Iterator[Change]:
    yield from _differs("driver", given.get("driver") or "bridge", found["Driver"])
    yield from _differs("internal", bool(given.get("internal")), found["Internal"])
    yield from _differs("attachable", bool(given.get("attachable")), found["Attachable"])
    yield from _differs("ipv6", False, found["EnableIPv6"])
    yield from _differs("options", given.get("options") or {}, found.get("Options") or {})
    yield from _members("labels", labels(given), found.get("Labels") or {})
    yield from _pools(given.get("ipamConfigs") or (), (found.get("IPAM") or {}).get("Config") or ())


def _pools(given: Any, found: Any) -> Iterator[Change]:
    """Of the address ranges only what was asked for counts: the engine chooses the rest."""
    names = {"subnet": "Subnet", "gateway": "Gateway", "ipRange": "IPRange"}
    wanted = [{names[key]: value for key, value in item.items() if value} for item in given]
    if wanted and (len(found) != len(wanted) or not all(any(p.items() >= w.items() for p in found) for w in wanted)):
        yield "ipamConfigs", wanted, found


def _volume(given: Inputs, found: Inspected) -> Iterator[Change]:
    yield from _differs("driver", given.get("driver") or "local", found["Driver"])
    yield from _differs("driverOpts", given.get("driverOpts") or {}, found.get("Options") or {})
    yield from _members("labels", labels(given), found.get("Labels") or {})


def _container(given: Inputs, found: Found) -> Iterator[Change]:
    wanted, has = container_body(given), found.inspected["Config"]
    for name, member in _CONFIG.items():
        value = wanted.get(member)
        if value is None and name in ("hostname", "stopTimeout"):
            continue  # the engine makes these up
        yield from _differs(name, value if value is not None else found.image.get(member), has.get(member))
    yield from _environment(wanted.get("Env"), found)
    yield from _members("labels", {**(found.image.get("Labels") or {}), **wanted["Labels"]}, has.get("Labels") or {})
    health = wanted.get("Healthcheck") or found.image.get("Healthcheck")
    yield from _differs("healthcheck", _health(health), _health(has.get("Healthcheck")))
    yield from _host(wanted["HostConfig"], found.inspected["HostConfig"])
    yield from _networks(given, found.inspected)
    yield from _mounts(given, found)


def _host(wanted: Inspected, has: Inspected) -> Iterator[Change]:
    for name, member in _HOST.items():
        value = wanted.get(member)
        if value is None and name in ("memorySwap", "shmSize", "logDriver"):
            continue  # left to the engine
        yield from _differs(name, 0 if value is None and name in _UNLIMITED else value, has.get(member))
    for name, member in _SETS.items():
        yield from _differs(name, sorted(wanted.get(member) or ()), sorted(has.get(member) or ()))
    yield from _differs("ulimits", _by_name(wanted.get("Ulimits")), _by_name(has.get("Ulimits")))
    for name, member in _NEVER_GIVEN.items():
        yield from _differs(name, None, has.get(member))


def _environment(wanted: list[str] | None, found: Found) -> Iterator[Change]:
    """Names only: what somebody set by hand may well be a password."""
    ours = _variables([*(found.image.get("Env") or ()), *(wanted or ())])
    has = _variables(found.inspected["Config"].get("Env") or ())
    for name in sorted(ours.keys() | has.keys()):
        if ours.get(name) != has.get(name):
            both = name in ours and name in has
            yield f"envs.{name}", _presence(name in ours), "another value" if both else _presence(name in has)


def _networks(given: Inputs, found: Inspected) -> Iterator[Change]:
    wanted = {item["name"]: item for item in given.get("networksAdvanced") or ()}
    if not wanted:
        return
    has = found["NetworkSettings"]["Networks"]
    yield from _presences("networksAdvanced", wanted.keys(), has.keys())
    for name in sorted(wanted.keys() & has.keys()):
        aliases = set(has[name].get("Aliases") or ()) - {found["Id"][:12]}
        yield from _differs(
            f"networksAdvanced.{name}.aliases", sorted(wanted[name].get("aliases") or ()), sorted(aliases)
        )
        fixed = (has[name].get("IPAMConfig") or {}).get("IPv4Address")
        yield from _differs(f"networksAdvanced.{name}.ipv4Address", wanted[name].get("ipv4Address"), fixed)


def _mounts(given: Inputs, found: Found) -> Iterator[Change]:
    wanted: dict[str, object] = {
        item["target"]: [item.get("source"), not item.get("readOnly")] for item in given.get("mounts") or ()
    }
    for item in given.get("volumes") or ():
        wanted[item["containerPath"]] = [item.get("volumeName") or "", not item.get("readOnly")]
    ours = {path for path, value in wanted.items() if isinstance(value, list) and not value[0]}
    has = {
        item["Destination"]: ["" if item["Destination"] in ours else item.get("Name") or item.get("Source"), item["RW"]]
        for item in found.inspected["Mounts"]
        if item["Destination"] in wanted or item["Destination"] not in (found.image.get("Volumes") or {})
    }
    yield from _members("mounts", wanted, has)


def _files(recorded: Mapping[str, str], found: Mapping[str, str | None]) -> Iterator[Change]:
    for path in sorted(recorded.keys() | found.keys()):
        if recorded.get(path) != found.get(path):
            there = found.get(path) is not None
            other = "other content or mode" if path in recorded and there else _presence(there)
            yield f"uploads.{path}", _presence(path in recorded), other


def _differs(name: str, wanted: object, found: object) -> Iterator[Change]:
    """Nothing, null, zero and empty are the same to the engine."""
    if (wanted or None) != (found or None):
        yield name, wanted, found


def _members(name: str, wanted: Mapping[str, object], found: Mapping[str, object]) -> Iterator[Change]:
    yield from _presences(name, wanted.keys(), found.keys())
    for key in sorted(wanted.keys() & found.keys()):
        if wanted[key] != found[key]:
            yield f"{name}.{key}", wanted[key], found[key]


def _presences(name: str, wanted: Any, found: Any) -> Iterator[Change]:
    for key in sorted(wanted ^ found):
        yield f"{name}.{key}", _presence(key in wanted), _presence(key in found)


def _presence(there: bool) -> str:
    return "there" if there else "not there"


def _variables(envs: Any) -> dict[str, str]:
    return dict(item.partition("=")[::2] for item in envs)


def _health(check: Inspected | None) -> Inspected:
    return {name: value for name, value in (check or {}).items() if value}


def _by_name(limits: Any) -> dict[str, Any]:
    return {item["Name"]: [item["Soft"], item["Hard"]] for item in limits or ()}
