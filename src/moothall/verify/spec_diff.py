"""What is different about a container or network from what was planned; pure: planned values and inspected JSON in.

The settings are those of the CIS Docker Benchmark that a provisioner can force (5.3, 5.4, 5.10 to 5.17, 5.25, 5.26,
5.31) and the plan's own. Docker's names of them are those of its HTTP API, v1.41.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moothall.docker_engine.port import Inspected
from moothall.model import filesname
from moothall.model.planned import JOB, Attachment, Container, Health, Network, Stack

MISSING = "is missing"
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def deviations(stack: Stack, planned: Container, found: Inspected | None) -> list[str]:
    """Return everything in which an inspected container is not as planned, in words; None is a missing one."""
    if found is None:
        return [MISSING]
    return [
        *state(planned, found),
        *_identity(planned, found),
        *_confinement(found["HostConfig"]),
        *_limits(planned, found["HostConfig"]),
        *_health(planned.health, found["Config"].get("Healthcheck")),
        *_stopping(planned, found),
        *_networks(planned.networks, found["NetworkSettings"]["Networks"]),
        *_mounts(stack, planned, found),
        *_ports(planned, found["HostConfig"]),
    ]


def state(planned: Container, found: Inspected | None) -> list[str]:
    """Return how a container's state is not as planned: a job has succeeded, every other one runs."""
    if found is None:
        return [MISSING]
    now = found["State"]
    if planned.kind == JOB:
        done = now["Status"] == "exited" and now["ExitCode"] == 0
        return [] if done else [f"has not succeeded ({now['Status']}, exit code {now['ExitCode']})"]
    if not now["Running"] or now.get("Restarting"):
        return [f"does not run ({now['Status']}, exit code {now['ExitCode']})"]
    unhealthy = now.get("Health", {}).get("Status") == "unhealthy"
    return ["is unhealthy"] if unhealthy else []


def network_deviations(planned: Network, found: Inspected | None) -> list[str]:
    """Return everything in which an inspected network is not as planned; None is a missing one."""
    if found is None:
        return [MISSING]
    subnets = [pool["Subnet"] for pool in found["IPAM"]["Config"] or ()]
    return [
        *_differs("internal", planned.internal, found["Internal"]),
        *_differs("subnets", [planned.subnet], subnets),
        *_differs("IPv6", False, found["EnableIPv6"]),
        *(
            line
            for name, value in planned.options.items()
            for line in _differs(name, value, (found.get("Options") or {}).get(name))
        ),
    ]


def _differs(what: str, planned: object, found: object) -> Iterator[str]:
    """Yield one line when the two differ."""
    if planned != found:
        yield f"{what} is {found!r} instead of {planned!r}"


def _identity(planned: Container, found: Inspected) -> Iterator[str]:
    """Yield what is different about image and user; root is named even if it were planned."""
    user = found["Config"]["User"]
    yield from _differs("image", planned.image, found["Config"]["Image"])
    yield from _differs("user", planned.user, user)
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


def _limits(planned: Container, host: dict[str, Any]) -> Iterator[str]:
    """Yield what is different about memory, shared memory, memory file systems and the log."""
    memory = planned.memory_mb * 1024 * 1024
    yield from _differs("memory", memory, host["Memory"])
    yield from _differs("memory with swap", memory, host["MemorySwap"])
    if planned.shm_mb is not None:
        yield from _differs("shared memory", planned.shm_mb * 1024 * 1024, host["ShmSize"])
    yield from _differs("tmpfs", sorted(planned.tmpfs), sorted(host.get("Tmpfs") or {}))
    log = host["LogConfig"]["Config"] or {}
    if not {"max-size", "max-file"} <= log.keys():
        yield "may log without limit"


def _health(planned: Health | None, found: dict[str, Any] | None) -> Iterator[str]:
    """Yield what is different about the health check."""
    test = (found or {}).get("Test") or []
    if planned is None:
        if test and test != ["NONE"]:
            yield "has a health check that is not planned"
        return
    wanted = list(planned.command)
    if test not in (wanted, ["CMD", *wanted]):
        yield f"health check is {test!r} instead of {wanted!r}"
    for what, duration in (("Interval", planned.interval), ("StartPeriod", planned.start_period)):
        yield from _differs(f"health check {what}", nanoseconds(duration), (found or {}).get(what, 0))


def _stopping(planned: Container, found: Inspected) -> Iterator[str]:
    """Yield what is different about stopping and starting again."""
    yield from _differs("stop signal", planned.stop_signal, found["Config"].get("StopSignal"))
    yield from _differs("stop timeout", planned.stop_seconds, found["Config"].get("StopTimeout"))
    yield from _differs("restart", planned.restart, found["HostConfig"]["RestartPolicy"]["Name"] or "no")


def _networks(planned: tuple[Attachment, ...], found: dict[str, Any]) -> Iterator[str]:
    """Yield what is different about the networks a container is on."""
    places = {place.network: place for place in planned}
    yield from (f"is not on the network {name}" for name in sorted(places.keys() - found.keys()))
    yield from (f"is on the network {name}, which is not planned" for name in sorted(found.keys() - places.keys()))
    for name in sorted(places.keys() & found.keys()):
        missing = sorted(set(places[name].aliases) - set(found[name]["Aliases"] or ()))
        if missing:
            yield f"is not known as {', '.join(missing)} on {name}"
        fixed = (found[name].get("IPAMConfig") or {}).get("IPv4Address")
        if places[name].address is not None:
            yield from _differs(f"address on {name}", places[name].address, fixed)


def _mounts(stack: Stack, planned: Container, found: Inspected) -> Iterator[str]:
    """Yield what is different about mounts; of the machine's own folders none may be mounted."""
    names = {volume.key: volume.name for volume in stack.volumes}
    wanted = {mount.path: (names[mount.volume], not mount.read_only) for mount in planned.mounts}
    has = {mount["Destination"]: mount for mount in found["Mounts"]}
    for path, mount in sorted(has.items()):
        if mount["Type"] == "bind":
            yield f"has {mount['Source']} of the machine mounted at {path}"
        elif mount["Type"] == "volume" and path not in wanted and not _own_files(planned, path, mount):
            yield f"has the volume {mount['Name']} at {path}, which is not planned"
    for path, (name, writable) in sorted(wanted.items()):
        yield from _differs(f"volume at {path}", (name, writable), _volume(has.get(path)))


def _own_files(planned: Container, path: str, mount: Inspected) -> bool:
    """Say whether a mount is that of the container's own files, which it may not write."""
    return path == filesname.FOLDER and filesname.owner(str(mount.get("Name"))) == planned.name and not mount["RW"]


def _volume(mount: dict[str, Any] | None) -> tuple[str, bool] | None:
    """Return a mounted volume's name and whether it is writable."""
    return (mount.get("Name", ""), mount["RW"]) if mount else None


def _ports(planned: Container, host: dict[str, Any]) -> Iterator[str]:
    """Yield what is different about published ports."""
    wanted = {(f"{port.internal}/tcp", port.address, str(port.external)) for port in planned.ports}
    has = {
        (port, place["HostIp"], place["HostPort"])
        for port, places in (host["PortBindings"] or {}).items()
        for place in places or ()
    }
    yield from (
        f"publishes {p} at {a or 'every address'}, port {e}, which is not planned" for p, a, e in sorted(has - wanted)
    )
    yield from (f"does not publish {p} at {a}, port {e}" for p, a, e in sorted(wanted - has))
    if host["PublishAllPorts"]:
        yield "publishes all its ports"


def nanoseconds(duration: str) -> int:
    """Return a duration in Go's form ("1m30s") in nanoseconds, as the engine keeps it; raises ValueError."""
    parts = re.findall(r"([0-9]+)(ms|h|m|s)", duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is not a duration like 1m30s")
    return round(sum(int(number) * _UNITS[unit] for number, unit in parts) * 1e9)
