"""The body of a container's create call (Docker Engine API 1.41, `ContainerCreate`) from a resource's inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from moothall.docker_engine.hardening import pids_limit
from moothall.pulumi_engine.protocol.resource_types import labels

MIB = 1024 * 1024
_DURATION_UNITS = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
Inputs = Mapping[str, Any]


def container_body(inputs: Inputs) -> dict[str, Any]:
    """The whole request body; absent parts are left to the image."""
    ports = inputs.get("ports") or ()
    anonymous_paths = [item["containerPath"] for item in inputs.get("volumes") or () if not item.get("volumeName")]
    return _without_none(
        Image=inputs["image"],
        Cmd=inputs.get("command"),
        Entrypoint=inputs.get("entrypoints") or None,
        Env=inputs.get("envs") or None,
        User=inputs.get("user"),
        Hostname=inputs.get("hostname"),
        WorkingDir=inputs.get("workingDir"),
        Labels=labels(inputs),
        Volumes={path: {} for path in anonymous_paths} or None,
        ExposedPorts={_port(item): {} for item in ports} or None,
        Healthcheck=_healthcheck(inputs["healthcheck"]) if inputs.get("healthcheck") else None,
        StopSignal=inputs.get("stopSignal"),
        StopTimeout=inputs.get("stopTimeout"),
        HostConfig=_host_config(inputs, ports),
    )


def restart_policy(inputs: Inputs) -> dict[str, Any]:
    """The restart policy, always named: an empty one reads as a difference to other tools."""
    return {"Name": inputs.get("restart") or "no", "MaximumRetryCount": inputs.get("maxRetryCount") or 0}


def limits(inputs: Inputs) -> dict[str, int]:
    """The resource limits that can change on a live container: bytes, shares, and the number of processes, for which
    the provider has no input (`pids_limit`)."""
    memory = inputs.get("memory")
    return _without_none(
        PidsLimit=pids_limit(memory) if memory else None,
        Memory=_bytes(inputs.get("memory")),
        MemorySwap=_bytes(inputs.get("memorySwap")),
        MemoryReservation=_bytes(inputs.get("memoryReservation") or None),
        CpuShares=inputs.get("cpuShares"),
    )


def nanoseconds(text: str) -> int:
    """A duration in Go's notation (`1m30s`, `1.5s`, `500ms`) in nanoseconds; `0s` is 0. Raises ValueError."""
    total, number, position = Decimal(0), "", 0
    while position < len(text):
        if text[position].isdigit() or text[position] == ".":
            number += text[position]
            position += 1
            continue
        unit = text[position : position + 2] if text[position : position + 2] in _DURATION_UNITS else text[position]
        if not number or unit not in _DURATION_UNITS:
            raise ValueError(f"{text!r} is not a duration such as 1m30s")
        total += Decimal(number) * _DURATION_UNITS[unit]
        number, position = "", position + len(unit)
    if number not in ("", "0"):
        raise ValueError(f"{text!r} is not a duration such as 1m30s")
    return int(total)


def _host_config(inputs: Inputs, ports: Iterable[Inputs]) -> dict[str, Any]:
    capabilities = inputs.get("capabilities") or {}
    named_volumes = [item for item in inputs.get("volumes") or () if item.get("volumeName")]
    return {
        **limits(inputs),
        **_without_none(
            NetworkMode=inputs.get("networkMode") or "bridge",
            RestartPolicy=restart_policy(inputs),
            AutoRemove=bool(inputs.get("rm")) and not inputs.get("attach"),
            Mounts=[_mount(item) for item in inputs.get("mounts") or ()] or None,
            Binds=[_bind(item) for item in named_volumes] or None,
            Tmpfs=inputs.get("tmpfs"),
            ReadonlyRootfs=bool(inputs.get("readOnly")),
            CapAdd=capabilities.get("adds"),
            CapDrop=capabilities.get("drops"),
            SecurityOpt=inputs.get("securityOpts") or None,
            NanoCpus=int(Decimal(str(inputs["cpus"])) * 1_000_000_000) if inputs.get("cpus") else None,
            Ulimits=[_ulimit(item) for item in inputs.get("ulimits") or ()] or None,
            ShmSize=_bytes(inputs.get("shmSize")),
            LogConfig=_log_config(inputs),
            Dns=inputs.get("dns"),
            DnsOptions=inputs.get("dnsOpts"),
            DnsSearch=inputs.get("dnsSearches"),
            ExtraHosts=[f"{item['host']}:{item['ip']}" for item in inputs.get("hosts") or ()] or None,
            Init=inputs.get("init"),
            GroupAdd=inputs.get("groupAdds"),
            Sysctls=inputs.get("sysctls"),
            PortBindings=_port_bindings(ports) or None,
        ),
    }


def _without_none(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _bytes(mebibytes: int | None) -> int | None:
    """Bytes of mebibytes; -1, which means no limit on swap, stays."""
    return mebibytes * MIB if mebibytes is not None and mebibytes > 0 else mebibytes


def _healthcheck(check: Inputs) -> dict[str, Any]:
    return _without_none(
        Test=check["tests"],
        Interval=nanoseconds(check.get("interval", "0s")),
        Timeout=nanoseconds(check.get("timeout", "0s")),
        StartPeriod=nanoseconds(check.get("startPeriod", "0s")),
        Retries=check.get("retries"),
    )


def _mount(item: Inputs) -> dict[str, Any]:
    return _without_none(
        Target=item["target"], Source=item.get("source"), Type=item["type"], ReadOnly=bool(item.get("readOnly"))
    )


def _bind(item: Inputs) -> str:
    mode = ":ro" if item.get("readOnly") else ""
    return f"{item['volumeName']}:{item['containerPath']}{mode}"


def _ulimit(item: Inputs) -> dict[str, Any]:
    return {"Name": item["name"], "Soft": item["soft"], "Hard": item["hard"]}


def _log_config(inputs: Inputs) -> dict[str, Any] | None:
    if not inputs.get("logDriver"):
        return None
    return {"Type": inputs["logDriver"], "Config": inputs.get("logOpts") or {}}


def _port(item: Inputs) -> str:
    return f"{item['internal']}/{item.get('protocol') or 'tcp'}"


def _port_bindings(ports: Iterable[Inputs]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for item in ports:
        host = {"HostIp": item["ip"], "HostPort": str(item.get("external") or "")}
        bindings.setdefault(_port(item), []).append(host)
    return bindings
