"""The Docker resource types of pulumi-docker that this engine provides: properties, defaults and update classes.

Source: the schema of pulumi-docker 5.2 (terraform-provider-docker 4.5) and states written by it. A property that is
not in a table here is refused, never ignored. On purpose other than upstream, which records such a change and leaves
the container as it was: a change of health check, tmpfs, init or of what is mounted replaces it, and so does a limit
that is taken away. What a program no longer says is gone here; upstream keeps what the engine had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moothall.pulumi_engine.errors import Unsupported
from moothall.pulumi_engine.protocol.values import UNKNOWN, Json, Unknown, Value, plain

CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"


@dataclass(frozen=True)
class Property:
    """How a property behaves: `replaces` on change or not, also when it is taken away (`removal_replaces`: Docker
    cannot lift a limit in place), `unordered` lists, allowed `fields` of nested objects."""

    replaces: bool = True
    removal_replaces: bool = False
    unordered: bool = False
    fields: frozenset[str] | None = None
    nested_defaults: tuple[tuple[str, Json], ...] = ()


@dataclass(frozen=True)
class Kind:
    """A resource type: its Docker word, its properties, and the defaults that the provider adds."""

    type: str
    word: str
    properties: Mapping[str, Property]
    defaults: Mapping[str, Json]


def _group(names: str, **behaviour: Any) -> dict[str, Property]:
    return {name: Property(**behaviour) for name in names.split()}


def _fields(names: str, **behaviour: Any) -> Property:
    return Property(fields=frozenset(names.split()), **behaviour)


_HEALTH_DEFAULTS = (("interval", "0s"), ("timeout", "0s"), ("startPeriod", "0s"), ("startInterval", "0s"))
_PORT_DEFAULTS = (("ip", "0.0.0.0"), ("protocol", "tcp"))  # noqa: S104  # the provider's, recorded so
_CONTAINER_PROPERTIES = {
    **_group(
        "name image command entrypoints user hostname workingDir networkMode tmpfs readOnly cpus shmSize logDriver "
        "logOpts stopSignal stopTimeout init sysctls"
    ),
    **_group("envs securityOpts groupAdds dns dnsOpts dnsSearches", unordered=True),
    "labels": _fields("label value", unordered=True),
    "networksAdvanced": _fields("name aliases ipv4Address", unordered=True),
    "mounts": _fields("target source type readOnly", unordered=True),
    "volumes": _fields("containerPath volumeName readOnly", unordered=True),
    "uploads": _fields("file content permissions", unordered=True),
    "healthcheck": _fields(
        "tests interval timeout startPeriod startInterval retries", nested_defaults=_HEALTH_DEFAULTS
    ),
    "capabilities": _fields("adds drops", unordered=True),
    "ulimits": _fields("name hard soft", unordered=True),
    "hosts": _fields("host ip", unordered=True),
    "ports": _fields("internal external ip protocol", unordered=True, nested_defaults=_PORT_DEFAULTS),
    **_group("restart maxRetryCount mustRun start", replaces=False),
    **_group("memory memorySwap memoryReservation cpuShares", replaces=False, removal_replaces=True),
    **_group("attach logs rm wait waitTimeout destroyGraceSeconds removeVolumes", replaces=False),
    "containerReadRefreshTimeoutMilliseconds": Property(replaces=False),
}
_CONTAINER_DEFAULTS: dict[str, Json] = {
    "containerReadRefreshTimeoutMilliseconds": 15000,
    "mustRun": True,
    "networkMode": "bridge",
    "removeVolumes": True,
    "restart": "no",
    "start": True,
    "waitTimeout": 60,
    "entrypoints": [],
    "envs": [],
    "securityOpts": [],
    "networkDatas": [],
    "attach": False,
    "logs": False,
    "memoryReservation": 0,
    "readOnly": False,
    "rm": False,
    "stdinOpen": False,
    "tty": False,
    "wait": False,
}
_NETWORK_PROPERTIES = {
    **_group("name driver internal options attachable ipv6 ipamDriver"),
    "labels": _fields("label value", unordered=True),
    "ipamConfigs": _fields("subnet gateway ipRange", unordered=True),
}
_VOLUME_PROPERTIES = {**_group("name driver driverOpts"), "labels": _fields("label value", unordered=True)}

KINDS: Mapping[str, Kind] = {
    kind.type: kind
    for kind in (
        Kind(CONTAINER, "container", _CONTAINER_PROPERTIES, _CONTAINER_DEFAULTS),
        Kind(NETWORK, "network", _NETWORK_PROPERTIES, {"driver": "bridge", "ipamDriver": "default", "options": {}}),
        Kind(VOLUME, "volume", _VOLUME_PROPERTIES, {"driver": "local"}),
    )
}


def check(kind: Kind, inputs: Mapping[str, Value], urn: str) -> None:
    """Raise Unsupported for anything in the inputs that this engine would have to ignore."""
    for name, value in plain(inputs).items():
        if name not in kind.properties:
            raise Unsupported(f"the property {name} of {kind.type}", urn)
        for field in sorted(_foreign_fields(kind.properties[name], value)):
            raise Unsupported(f"{name}.{field} of {kind.type}", urn)
    if "name" not in inputs:
        raise Unsupported(f"a {kind.word} without a name", urn)
    _REFUSALS[kind.type](plain(inputs), urn)


def with_defaults(kind: Kind, inputs: Mapping[str, Json]) -> dict[str, Json]:
    """The inputs and, where they say nothing, the provider's defaults."""
    values = {name: _nested_defaults(kind.properties.get(name), value) for name, value in inputs.items()}
    return {**kind.defaults, **values}


def outputs(kind: Kind, inputs: Mapping[str, Json], physical_id: str | Unknown) -> dict[str, Json]:
    """What the provider reports of an object with these (sealed) inputs."""
    return {**with_defaults(kind, inputs), "id": physical_id}


def labels(inputs: Mapping[str, Value]) -> dict[str, str]:
    """The labels of an object as a mapping."""
    return {item["label"]: item["value"] for item in plain(inputs).get("labels") or ()}


def references(type_: str, inputs: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """The Docker objects that a container names: pairs of resource type and name or id."""
    if type_ != CONTAINER:
        return
    values = plain(inputs)
    for network in _objects(values.get("networksAdvanced")):
        yield NETWORK, str(network.get("name"))
    for mount in _objects(values.get("mounts")):
        if mount.get("type") == "volume":
            yield VOLUME, str(mount.get("source"))
    for volume in _objects(values.get("volumes")):
        if volume.get("volumeName"):
            yield VOLUME, str(volume["volumeName"])
    mode = values.get("networkMode")
    if isinstance(mode, str) and mode.startswith("container:"):
        yield CONTAINER, mode.removeprefix("container:")


def wants_running(inputs: Mapping[str, Json]) -> bool | None:
    """Whether a container must run (True), must not (False), or may do either, as a finished job does (None)."""
    if inputs.get("mustRun", True) and inputs.get("start", True):
        return True
    return None if inputs.get("start", True) else False


def _objects(value: Value) -> list[dict[str, Value]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _foreign_fields(form: Property, value: Value) -> set[str]:
    if form.fields is None:
        return set()
    items = value if isinstance(value, list) else [value]
    return {field for item in items if isinstance(item, dict) for field in item} - form.fields


def _nested_defaults(form: Property | None, value: Json) -> Json:
    if form is None or not form.nested_defaults:
        return value
    if isinstance(value, list):
        return [_nested_defaults(form, item) for item in value]
    return {**dict(form.nested_defaults), **value} if isinstance(value, dict) else value


def _refuse_container(inputs: Mapping[str, Value], urn: str) -> None:
    mode = inputs.get("networkMode", "bridge")
    if inputs.get("networksAdvanced") and mode not in ("bridge", UNKNOWN):
        raise Unsupported(f"networksAdvanced together with the networkMode {mode}", urn)
    if inputs.get("uploads") and inputs.get("readOnly"):
        raise Unsupported("uploads to a container whose root is read-only, which Docker refuses", urn)
    if inputs.get("logs"):
        raise Unsupported("logs=True, which would put a container's output into the state", urn)
    if inputs.get("attach") and inputs.get("mustRun", True):
        raise Unsupported("attach together with mustRun: what is waited for to end cannot have to run", urn)
    if inputs.get("wait") and "healthcheck" not in inputs:
        raise Unsupported("wait without a healthcheck", urn)
    if (inputs.get("healthcheck") or {}).get("startInterval", "0s") != "0s":
        raise Unsupported("healthcheck.startInterval, which needs a newer Docker engine", urn)


def _refuse_network(inputs: Mapping[str, Value], urn: str) -> None:
    if inputs.get("ipv6"):
        raise Unsupported("a network with ipv6", urn)
    if inputs.get("ipamDriver", "default") != "default":
        raise Unsupported(f"the IPAM driver {inputs['ipamDriver']}", urn)


def _refuse_volume(inputs: Mapping[str, Value], urn: str) -> None:
    """Volumes have no further limits."""


_REFUSALS = {CONTAINER: _refuse_container, NETWORK: _refuse_network, VOLUME: _refuse_volume}
