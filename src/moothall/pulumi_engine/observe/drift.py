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

from moothall.model.image import is_image_id
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, KINDS, NETWORK, VOLUME, labels, with_defaults
from moothall.pulumi_engine.provider.create_request import container_body

Trouble = Literal["missing", "stopped", "running", "unhealthy", "made-again", "changed", "added"]
EngineObject = Mapping[str, Any]
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
_NEVER_SET = {"privileged": "Privileged", "devices": "Devices", "pidMode": "PidMode"}


@dataclass(frozen=True)
class Difference:
    """One way in which an object is not as recorded.

    `property` is empty for an object as a whole. `expected` and `actual` are empty where they would show a secret.
    `volume` is that in which an uploaded file is not as recorded.
    """

    urn: str
    kind: str
    name: str
    trouble: Trouble
    property: str = ""
    expected: str = ""
    actual: str = ""
    volume: str = ""


@dataclass(frozen=True)
class Observation:
    """What the engine shows of one object: its own JSON, the configuration of a container's image, and the digest and
    mode of each of a container's files by path; a path that is not there has None."""

    inspected: EngineObject
    image: EngineObject
    files: Mapping[str, str | None]


Change = tuple[str, object, object]
"""A property, what is recorded of it, and what was found."""


def changes(type_: str, inputs: Inputs, files: Mapping[str, str], observation: Observation) -> Iterator[Change]:
    """Everything in which an object differs; `files` are the recorded digests and modes by path."""
    full_inputs = with_defaults(KINDS[type_], inputs)
    if type_ == NETWORK:
        yield from _network(full_inputs, observation.inspected)
    elif type_ == VOLUME:
        yield from _volume(full_inputs, observation.inspected)
    elif type_ == CONTAINER:
        yield from _container(full_inputs, observation)
        yield from _files(files, observation.files)


def format_value(value: object) -> str:
    """A value in one line of text."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _network(inputs: Inputs, network: EngineObject) -> Iterator[Change]:
    yield from _differs("driver", inputs.get("driver") or "bridge", network["Driver"])
    yield from _differs("internal", bool(inputs.get("internal")), network["Internal"])
    yield from _differs("attachable", bool(inputs.get("attachable")), network["Attachable"])
    yield from _differs("ipv6", False, network["EnableIPv6"])
    yield from _differs("options", inputs.get("options") or {}, network.get("Options") or {})
    yield from _members("labels", labels(inputs), network.get("Labels") or {})
    yield from _pools(inputs.get("ipamConfigs") or (), (network.get("IPAM") or {}).get("Config") or ())


def _pools(configs: Any, pools: Any) -> Iterator[Change]:
    """Of the address ranges only what was asked for counts: the engine chooses the rest."""
    names = {"subnet": "Subnet", "gateway": "Gateway", "ipRange": "IPRange"}
    expected = [{names[key]: value for key, value in item.items() if value} for item in configs]
    if expected and (
        len(pools) != len(expected) or not all(any(p.items() >= w.items() for p in pools) for w in expected)
    ):
        yield "ipamConfigs", expected, pools


def _volume(inputs: Inputs, volume: EngineObject) -> Iterator[Change]:
    yield from _differs("driver", inputs.get("driver") or "local", volume["Driver"])
    yield from _differs("driverOpts", inputs.get("driverOpts") or {}, volume.get("Options") or {})
    yield from _members("labels", labels(inputs), volume.get("Labels") or {})


def _container(inputs: Inputs, observation: Observation) -> Iterator[Change]:
    expected, actual = container_body(inputs), observation.inspected["Config"]
    for name, member in _CONFIG.items():
        value = expected.get(member)
        if value is None and name in ("hostname", "stopTimeout"):
            continue  # the engine makes these up
        if name == "image" and is_image_id(value):
            yield from _differs(name, value, observation.inspected["Image"])  # what runs, and not what it was called
            continue
        yield from _differs(name, value if value is not None else observation.image.get(member), actual.get(member))
    yield from _environment(expected.get("Env"), observation)
    yield from _members(
        "labels", {**(observation.image.get("Labels") or {}), **expected["Labels"]}, actual.get("Labels") or {}
    )
    health = expected.get("Healthcheck") or observation.image.get("Healthcheck")
    yield from _differs("healthcheck", _health(health), _health(actual.get("Healthcheck")))
    yield from _host(expected["HostConfig"], observation.inspected["HostConfig"])
    yield from _networks(inputs, observation.inspected)
    yield from _mounts(inputs, observation)


def _host(expected: EngineObject, actual: EngineObject) -> Iterator[Change]:
    for name, member in _HOST.items():
        value = expected.get(member)
        if value is None and name in ("memorySwap", "shmSize", "logDriver"):
            continue  # left to the engine
        yield from _differs(name, 0 if value is None and name in _UNLIMITED else value, actual.get(member))
    for name, member in _SETS.items():
        yield from _differs(name, sorted(expected.get(member) or ()), sorted(actual.get(member) or ()))
    yield from _differs("ulimits", _by_name(expected.get("Ulimits")), _by_name(actual.get("Ulimits")))
    for name, member in _NEVER_SET.items():
        yield from _differs(name, None, actual.get(member))


def _environment(envs: list[str] | None, observation: Observation) -> Iterator[Change]:
    """Names only: what somebody set by hand may well be a password."""
    expected = _variables([*(observation.image.get("Env") or ()), *(envs or ())])
    actual = _variables(observation.inspected["Config"].get("Env") or ())
    for name in sorted(expected.keys() | actual.keys()):
        if expected.get(name) != actual.get(name):
            in_both = name in expected and name in actual
            yield f"envs.{name}", _presence(name in expected), "another value" if in_both else _presence(name in actual)


def _networks(inputs: Inputs, container: EngineObject) -> Iterator[Change]:
    expected = {item["name"]: item for item in inputs.get("networksAdvanced") or ()}
    if not expected:
        return
    actual = container["NetworkSettings"]["Networks"]
    yield from _presences("networksAdvanced", expected.keys(), actual.keys())
    for name in sorted(expected.keys() & actual.keys()):
        aliases = set(actual[name].get("Aliases") or ()) - {container["Id"][:12]}
        yield from _differs(
            f"networksAdvanced.{name}.aliases", sorted(expected[name].get("aliases") or ()), sorted(aliases)
        )
        address = (actual[name].get("IPAMConfig") or {}).get("IPv4Address")
        yield from _differs(f"networksAdvanced.{name}.ipv4Address", expected[name].get("ipv4Address"), address)


def _mounts(inputs: Inputs, observation: Observation) -> Iterator[Change]:
    expected: dict[str, object] = {
        item["target"]: [item.get("source"), not item.get("readOnly")] for item in inputs.get("mounts") or ()
    }
    for item in inputs.get("volumes") or ():
        expected[item["containerPath"]] = [item.get("volumeName") or "", not item.get("readOnly")]
    anonymous = {path for path, value in expected.items() if isinstance(value, list) and not value[0]}
    actual = {
        item["Destination"]: [
            "" if item["Destination"] in anonymous else item.get("Name") or item.get("Source"),
            item["RW"],
        ]
        for item in observation.inspected["Mounts"]
        if item["Destination"] in expected or item["Destination"] not in (observation.image.get("Volumes") or {})
    }
    yield from _members("mounts", expected, actual)


def _files(expected: Mapping[str, str], actual: Mapping[str, str | None]) -> Iterator[Change]:
    for path in sorted(expected.keys() | actual.keys()):
        if expected.get(path) != actual.get(path):
            is_present = actual.get(path) is not None
            description = "other content or mode" if path in expected and is_present else _presence(is_present)
            yield f"uploads.{path}", _presence(path in expected), description


def _differs(name: str, expected: object, actual: object) -> Iterator[Change]:
    """Nothing, null, zero and empty are the same to the engine."""
    if (expected or None) != (actual or None):
        yield name, expected, actual


def _members(name: str, expected: Mapping[str, object], actual: Mapping[str, object]) -> Iterator[Change]:
    yield from _presences(name, expected.keys(), actual.keys())
    for key in sorted(expected.keys() & actual.keys()):
        if expected[key] != actual[key]:
            yield f"{name}.{key}", expected[key], actual[key]


def _presences(name: str, expected: Any, actual: Any) -> Iterator[Change]:
    for key in sorted(expected ^ actual):
        yield f"{name}.{key}", _presence(key in expected), _presence(key in actual)


def _presence(is_present: bool) -> str:
    return "there" if is_present else "not there"


def _variables(envs: Any) -> dict[str, str]:
    return dict(item.partition("=")[::2] for item in envs)


def _health(check: EngineObject | None) -> EngineObject:
    return {name: value for name, value in (check or {}).items() if value}


def _by_name(limits: Any) -> dict[str, Any]:
    return {item["Name"]: [item["Soft"], item["Hard"]] for item in limits or ()}
