"""What is different about a container or network from what was planned; pure: planned values and inspected JSON in.

The settings are those of the CIS Docker Benchmark that a provisioner can force (5.3, 5.4, 5.10 to 5.17, 5.25, 5.26,
5.31) and the plan's own. Docker's names of them are those of its HTTP API, v1.41.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moothall.docker_engine.hardening import pids_limit
from moothall.docker_engine.port import EngineObject
from moothall.model import filesname
from moothall.model.image import is_image_id
from moothall.model.planned import JOB, Attachment, Container, Health, Network, Stack

MISSING = "is missing"
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def deviations(stack: Stack, expected: Container, actual: EngineObject | None) -> list[str]:
    """Return everything in which an inspected container is not as planned, in words; None is a missing one."""
    if actual is None:
        return [MISSING]
    return [
        *state(expected, actual),
        *_identity(expected, actual),
        *_confinement(actual["HostConfig"]),
        *_limits(expected, actual["HostConfig"]),
        *_health(expected.health, actual["Config"].get("Healthcheck")),
        *_stop_settings(expected, actual),
        *_networks(expected.networks, actual["NetworkSettings"]["Networks"]),
        *_mounts(stack, expected, actual),
        *_ports(expected, actual["HostConfig"]),
    ]


def state(expected: Container, actual: EngineObject | None) -> list[str]:
    """Return how a container's state is not as planned: a job has succeeded, every other one runs."""
    if actual is None:
        return [MISSING]
    container_state = actual["State"]
    if expected.kind == JOB:
        has_succeeded = container_state["Status"] == "exited" and container_state["ExitCode"] == 0
        return (
            []
            if has_succeeded
            else [f"has not succeeded ({container_state['Status']}, exit code {container_state['ExitCode']})"]
        )
    if not container_state["Running"] or container_state.get("Restarting"):
        return [f"does not run ({container_state['Status']}, exit code {container_state['ExitCode']})"]
    is_unhealthy = container_state.get("Health", {}).get("Status") == "unhealthy"
    return ["is unhealthy"] if is_unhealthy else []


def network_deviations(expected: Network, actual: EngineObject | None) -> list[str]:
    """Return everything in which an inspected network is not as planned; None is a missing one."""
    if actual is None:
        return [MISSING]
    subnets = [pool["Subnet"] for pool in actual["IPAM"]["Config"] or ()]
    return [
        *_difference("internal", expected.internal, actual["Internal"]),
        *_difference("subnets", [expected.subnet], subnets),
        *_difference("IPv6", False, actual["EnableIPv6"]),
        *(
            line
            for name, value in expected.options.items()
            for line in _difference(name, value, (actual.get("Options") or {}).get(name))
        ),
    ]


def _difference(what: str, expected: object, actual: object) -> Iterator[str]:
    """Yield one line when the two differ."""
    if expected != actual:
        yield f"{what} is {actual!r} instead of {expected!r}"


def _identity(expected: Container, actual: EngineObject) -> Iterator[str]:
    """Yield what is different about image and user; root is named even if it were planned."""
    user = actual["Config"]["User"]
    if is_image_id(expected.image):
        yield from _difference("image", expected.image, actual["Image"])
    else:
        yield f"image is {actual['Image']!r}, and of {expected.image} nothing is on record as built"
    yield from _difference("user", expected.user, user)
    if user.partition(":")[0] in ("", "0", "root"):
        yield "runs as root"


def _confinement(host: dict[str, Any]) -> Iterator[str]:
    """Yield what lets a container out of its confinement; the same for every container."""
    options = host["SecurityOpt"] or []
    if not any(option in ("no-new-privileges", "no-new-privileges:true") for option in options):
        yield "may gain new privileges"
    if any("unconfined" in option for option in options):
        yield f"is unconfined ({', '.join(options)})"
    if not host["ReadonlyRootfs"]:
        yield "has a writable root file system"
    if "ALL" not in [capability.upper() for capability in host["CapDrop"] or ()]:
        yield "has not dropped all capabilities"
    if host["CapAdd"]:
        yield f"has capabilities added ({', '.join(host['CapAdd'])})"
    if host["Privileged"]:
        yield "is privileged"
    if host["Devices"]:
        yield "has devices of the machine"
    for space in ("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode"):
        if (host.get(space) or "").startswith(("host", "container:")):
            yield f"shares a namespace ({space} {host[space]})"


def _limits(expected: Container, host: dict[str, Any]) -> Iterator[str]:
    """Yield what is different about memory, processors, processes, memory file systems and the log."""
    memory = expected.memory_mb * 1024 * 1024
    yield from _difference("memory", memory, host["Memory"])
    yield from _difference("memory with swap", memory, host["MemorySwap"])
    yield from _difference("share of processors", expected.cpu_shares, host["CpuShares"])
    if has_limit_of_processes(host):
        yield from _difference("limit of processes", pids_limit(expected.memory_mb), host["PidsLimit"])
    if expected.shm_mb is not None:
        yield from _difference("shared memory", expected.shm_mb * 1024 * 1024, host["ShmSize"])
    yield from _difference("tmpfs", sorted(expected.tmpfs), sorted(host.get("Tmpfs") or {}))
    log = host["LogConfig"]["Config"] or {}
    if not {"max-size", "max-file"} <= log.keys():
        yield "may log without limit"


def has_limit_of_processes(host: dict[str, Any]) -> bool:
    """Say whether a container may not start processes without end; Pulumi's own engine has no word for it."""
    return (host.get("PidsLimit") or 0) > 0


def _health(expected: Health | None, actual: dict[str, Any] | None) -> Iterator[str]:
    """Yield what is different about the health check."""
    test = (actual or {}).get("Test") or []
    if expected is None:
        if test and test != ["NONE"]:
            yield "has a health check that is not planned"
        return
    command = list(expected.command)
    if test not in (command, ["CMD", *command]):
        yield f"health check is {test!r} instead of {command!r}"
    for what, duration in (("Interval", expected.interval), ("StartPeriod", expected.start_period)):
        yield from _difference(f"health check {what}", nanoseconds(duration), (actual or {}).get(what, 0))


def _stop_settings(expected: Container, actual: EngineObject) -> Iterator[str]:
    """Yield what is different about stopping and starting again."""
    yield from _difference("stop signal", expected.stop_signal, actual["Config"].get("StopSignal"))
    yield from _difference("stop timeout", expected.stop_seconds, actual["Config"].get("StopTimeout"))
    yield from _difference("restart", expected.restart, actual["HostConfig"]["RestartPolicy"]["Name"] or "no")


def _networks(expected: tuple[Attachment, ...], actual: dict[str, Any]) -> Iterator[str]:
    """Yield what is different about the networks a container is on."""
    places = {place.network: place for place in expected}
    yield from (f"is not on the network {name}" for name in sorted(places.keys() - actual.keys()))
    yield from (f"is on the network {name}, which is not planned" for name in sorted(actual.keys() - places.keys()))
    for name in sorted(places.keys() & actual.keys()):
        missing_aliases = sorted(set(places[name].aliases) - set(actual[name]["Aliases"] or ()))
        if missing_aliases:
            yield f"is not known as {', '.join(missing_aliases)} on {name}"
        fixed_address = (actual[name].get("IPAMConfig") or {}).get("IPv4Address")
        if places[name].address is not None:
            yield from _difference(f"address on {name}", places[name].address, fixed_address)


def _mounts(stack: Stack, expected: Container, actual: EngineObject) -> Iterator[str]:
    """Yield what is different about mounts; of the machine's own folders none may be mounted."""
    names = {volume.key: volume.name for volume in stack.volumes}
    expected_mounts = {mount.path: (names[mount.volume], not mount.read_only) for mount in expected.mounts}
    actual_mounts = {mount["Destination"]: mount for mount in actual["Mounts"]}
    for path, mount in sorted(actual_mounts.items()):
        if mount["Type"] == "bind":
            yield f"has {mount['Source']} of the machine mounted at {path}"
        elif mount["Type"] == "volume" and path not in expected_mounts and not _own_files(expected, path, mount):
            yield f"has the volume {mount['Name']} at {path}, which is not planned"
    for path, (name, writable) in sorted(expected_mounts.items()):
        yield from _difference(f"volume at {path}", (name, writable), _volume(actual_mounts.get(path)))


def _own_files(expected: Container, path: str, mount: EngineObject) -> bool:
    """Say whether a mount is that of the container's own files, which it may not write."""
    return path == filesname.FOLDER and filesname.owner(str(mount.get("Name"))) == expected.name and not mount["RW"]


def _volume(mount: dict[str, Any] | None) -> tuple[str, bool] | None:
    """Return a mounted volume's name and whether it is writable."""
    return (mount.get("Name", ""), mount["RW"]) if mount else None


def _ports(expected: Container, host: dict[str, Any]) -> Iterator[str]:
    """Yield what is different about published ports."""
    expected_ports = {(f"{port.internal}/tcp", port.address, str(port.external)) for port in expected.ports}
    actual_ports = {
        (port, place["HostIp"], place["HostPort"])
        for port, places in (host["PortBindings"] or {}).items()
        for place in places or ()
    }
    yield from (
        f"publishes {p} at {a or 'every address'}, port {e}, which is not planned"
        for p, a, e in sorted(actual_ports - expected_ports)
    )
    yield from (f"does not publish {p} at {a}, port {e}" for p, a, e in sorted(expected_ports - actual_ports))
    if host["PublishAllPorts"]:
        yield "publishes all its ports"


def nanoseconds(duration: str) -> int:
    """Return a duration in Go's form ("1m30s") in nanoseconds, as the engine keeps it; raises ValueError."""
    parts = re.findall(r"([0-9]+)(ms|h|m|s)", duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is not a duration like 1m30s")
    return round(sum(int(number) * _UNITS[unit] for number, unit in parts) * 1e9)
