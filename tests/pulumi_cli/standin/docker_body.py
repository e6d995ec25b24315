"""How the real Docker plug-in words a container to an engine, and how it reads one back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.pulumi_cli.standin.docker_values import as_sent

MEBIBYTE = 2**20
NANO = 10**9
_DURATIONS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "startPeriod": "StartPeriod",
    "startInterval": "StartInterval",
}
_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": NANO, "m": 60 * NANO, "h": 3600 * NANO}
Values = Mapping[str, Any]


def body(values: Values) -> dict[str, Any]:
    """The create call's body."""
    found = {
        "Image": values["image"],
        "Hostname": values["hostname"],
        "Domainname": values["domainname"],
        "Tty": values["tty"],
        "OpenStdin": values["stdinOpen"],
        "StopSignal": values["stopSignal"],
        "StopTimeout": values["stopTimeout"],
        "Env": _sent(values["envs"]),
        "Cmd": values["command"],
        "Entrypoint": values["entrypoints"],
        "User": values["user"],
        "WorkingDir": values["workingDir"],
        "Labels": labels(values["labels"]),
        "Healthcheck": _health(values["healthcheck"]),
        "ExposedPorts": {_port(item): {} for item in values["ports"] or ()},
        "Volumes": {item["containerPath"]: {} for item in values["volumes"] or () if item["containerPath"]},
    }
    return {**_said(found), "HostConfig": _host(values), "NetworkingConfig": {}}


def limits(values: Values) -> dict[str, Any]:
    """What an update call says of a container's resources: what is not said stays as it is."""
    swap = values["memorySwap"] or 0
    return _said(
        {
            "cpu_shares": values["cpuShares"],
            "mem_limit": (values["memory"] or 0) * MEBIBYTE,
            "mem_reservation": (values["memoryReservation"] or 0) * MEBIBYTE,
            "memswap_limit": swap * MEBIBYTE if swap > 0 else swap,
            "cpuset_cpus": values["cpuSet"],
        }
    ) | {"restart_policy": _restart(values)}


def labels(items: Any) -> dict[str, str]:
    """Labels as the engine has them."""
    return {item["label"]: item["value"] for item in items or ()}


def label_items(found: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Labels as the plug-in has them."""
    return [{"label": key, "value": value} for key, value in (found or {}).items()]


def read_back(found: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """The attributes that are read off a container; environment, labels, uploads and volumes are not."""
    config, host, state = found["Config"], found["HostConfig"], found["State"]
    answer = {
        "name": found["Name"].lstrip("/"),
        "rm": host.get("AutoRemove", False),
        "readOnly": host.get("ReadonlyRootfs", False),
        "image": config["Image"],
        "hostname": config.get("Hostname", ""),
        "domainname": config.get("Domainname", ""),
        "command": config.get("Cmd") or [],
        "entrypoints": config.get("Entrypoint") or [],
        "user": config.get("User", ""),
        "workingDir": config.get("WorkingDir", ""),
        "stopSignal": config.get("StopSignal", ""),
        "stopTimeout": config.get("StopTimeout") or 0,
        "tty": config.get("Tty", False),
        "stdinOpen": config.get("OpenStdin", False),
        "networkDatas": _addresses(found),
        "bridge": found["NetworkSettings"].get("Bridge", ""),
        "platform": found.get("Platform", "linux"),
        **_host_read_back(host, values),
    }
    if config.get("Healthcheck"):
        answer["healthcheck"] = _health_read_back(config["Healthcheck"])
    if (state["Running"] or values["mustRun"]) and values["ports"]:
        answer["ports"] = _ports_read_back(found["NetworkSettings"].get("Ports") or {})
    if not state["Running"]:
        # What ended although it must run is recorded as one that need not, so that the next change starts it.
        answer |= {"exitCode": state["ExitCode"], "mustRun": False}
    return answer


def _host(values: Values) -> dict[str, Any]:
    given = values["capabilities"] or {}
    found = {
        "Privileged": values["privileged"],
        "PublishAllPorts": values["publishAllPorts"],
        "AutoRemove": values["rm"],
        "ReadonlyRootfs": values["readOnly"],
        "Runtime": values["runtime"],
        "Mounts": [_mount(item) for item in values["mounts"] or ()],
        "Tmpfs": values["tmpfs"],
        "Binds": _binds(values),
        "PortBindings": _bindings(values),
        "ExtraHosts": [f"{item['host']}:{item['ip']}" for item in values["hosts"] or ()],
        "Ulimits": [{key.title(): value for key, value in item.items()} for item in values["ulimits"] or ()],
        "CapAdd": _abilities(given.get("adds")),
        "CapDrop": _abilities(given.get("drops")),
        "Dns": _sent(values["dns"]),
        "DnsOptions": _sent(values["dnsOpts"]),
        "DnsSearch": _sent(values["dnsSearches"]),
        "SecurityOpt": _sent(values["securityOpts"]),
        "GroupAdd": _sent(values["groupAdds"]),
        "ShmSize": (values["shmSize"] or 0) * MEBIBYTE,
        "NanoCpus": round(float(values["cpus"] or 0) * NANO),
        "Memory": (values["memory"] or 0) * MEBIBYTE,
        "MemoryReservation": (values["memoryReservation"] or 0) * MEBIBYTE,
        "MemorySwap": (values["memorySwap"] or 0) * (MEBIBYTE if (values["memorySwap"] or 0) > 0 else 1),
        "CpuShares": values["cpuShares"],
        "CpusetCpus": values["cpuSet"],
        "NetworkMode": values["networkMode"],
        "Sysctls": values["sysctls"],
        "IpcMode": values["ipcMode"],
        "Init": values["init"],
    }
    log = _said({"Type": values["logDriver"], "Config": values["logOpts"]})
    return {**_said(found), "LogConfig": log, "RestartPolicy": _restart(values)}


def _said(found: Values) -> dict[str, Any]:
    """Without what says nothing: an engine's own defaults are to hold there."""
    return {key: value for key, value in found.items() if value}


def _abilities(items: Any) -> list[str]:
    """Capabilities in full, as the client of the real plug-in sends them to an engine of this age."""
    return sorted(item if item == "ALL" or item.startswith("CAP_") else f"CAP_{item}" for item in items or ())


def _sent(items: Any) -> list[str]:
    return as_sent(items or [])


def _restart(values: Values) -> dict[str, Any]:
    return {"Name": values["restart"], "MaximumRetryCount": values["maxRetryCount"] or 0}


def _mount(item: Values) -> dict[str, Any]:
    found = {"Type": item["type"], "Target": item["target"], "Source": item["source"], "ReadOnly": item["readOnly"]}
    tmpfs = item.get("tmpfsOptions") or {}
    options = _said({"SizeBytes": tmpfs.get("sizeBytes"), "Mode": tmpfs.get("mode")})
    return _said({**found, "TmpfsOptions": options})


def _binds(values: Values) -> list[str]:
    found = []
    for item in values["volumes"] or ():
        if source := item["hostPath"] or item["volumeName"]:
            found.append(f"{source}:{item['containerPath']}:{'ro' if item['readOnly'] else 'rw'}")
    return found


def _port(item: Values) -> str:
    return f"{item['internal']}/{item['protocol']}"


def _bindings(values: Values) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for item in values["ports"] or ():
        outer = item["external"] if isinstance(item["external"], int) else 0
        found.setdefault(_port(item), []).append({"HostIp": item["ip"], "HostPort": str(outer)})
    return found


def _health(given: Values | None) -> dict[str, Any]:
    if not given:
        return {}
    times = {word: _nanoseconds(given[name]) for name, word in _DURATIONS.items()}
    return _said({"Test": given["tests"], "Retries": given["retries"], **times})


def _nanoseconds(text: str) -> int:
    total, number, unit = 0.0, "", ""
    for sign in [*text, ""]:
        if unit and (not sign or sign.isdigit()):
            total, number, unit = total + float(number) * _UNITS[unit], "", ""
        if sign.isdigit() or sign == ".":
            number += sign
        else:
            unit += sign
    return int(total)


def _duration(nanoseconds: int) -> str:
    """A time as Go writes it: hours, minutes and seconds, from the largest that is not zero."""
    if not nanoseconds:
        return "0s"
    if nanoseconds < NANO:
        return f"{nanoseconds / 10**6:g}ms"
    minutes, seconds = divmod(nanoseconds / NANO, 60)
    hours, minutes = divmod(int(minutes), 60)
    front = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{front}{seconds:g}s"


def _health_read_back(found: Values) -> dict[str, Any]:
    times = {name: _duration(found.get(word, 0)) for name, word in _DURATIONS.items()}
    return {"tests": found.get("Test"), "retries": found.get("Retries", 0), **times}


def _host_read_back(host: Values, values: Values) -> dict[str, Any]:
    adds, drops = host.get("CapAdd") or [], host.get("CapDrop") or []
    swap = host.get("MemorySwap", 0)
    found = {
        "dns": host.get("Dns") or [],
        "dnsOpts": host.get("DnsOptions") or [],
        "dnsSearches": host.get("DnsSearch") or [],
        "securityOpts": host.get("SecurityOpt") or [],
        "groupAdds": host.get("GroupAdd") or [],
        "publishAllPorts": host.get("PublishAllPorts", False),
        "privileged": host.get("Privileged", False),
        "restart": host["RestartPolicy"]["Name"],
        "maxRetryCount": host["RestartPolicy"].get("MaximumRetryCount", 0),
        "init": bool(host.get("Init")),
        "runtime": host.get("Runtime", "runc"),
        "mounts": [_mount_read_back(item) for item in host.get("Mounts") or ()],
        "tmpfs": host.get("Tmpfs") or {},
        "hosts": [dict(zip(("host", "ip"), item.split(":", 1), strict=True)) for item in host.get("ExtraHosts") or ()],
        "memory": host.get("Memory", 0) // MEBIBYTE,
        "memoryReservation": host.get("MemoryReservation", 0) // MEBIBYTE,
        "memorySwap": swap // MEBIBYTE if swap > 0 else swap,
        "shmSize": host.get("ShmSize", 0) // MEBIBYTE,
        "cpuShares": host.get("CpuShares", 0),
        "cpuSet": host.get("CpusetCpus", ""),
        "logDriver": host["LogConfig"].get("Type", "json-file"),
        "logOpts": (host["LogConfig"].get("Config") or {}) if values["logOpts"] else {},
        "storageOpts": host.get("StorageOpt") or {},
        "sysctls": host.get("Sysctls") or {},
        "networkMode": host["NetworkMode"],
        "ipcMode": host.get("IpcMode", "private"),
        "usernsMode": host.get("UsernsMode", ""),
        **{f"device{way}{what}": [] for way in ("Read", "Write") for what in ("Bps", "Iops")},
    }
    if host.get("NanoCpus"):
        found["cpus"] = f"{host['NanoCpus'] / NANO:g}"
    if adds or drops:
        found["capabilities"] = {"adds": sorted(adds), "drops": sorted(drops)}
    if values["ulimits"]:
        found["ulimits"] = [{key.lower(): value for key, value in item.items()} for item in host.get("Ulimits") or ()]
    return found


def _mount_read_back(item: Values) -> dict[str, Any]:
    return {
        "target": item["Target"],
        "source": item.get("Source", ""),
        "type": item["Type"],
        "readOnly": item.get("ReadOnly", False),
        "bindOptions": None,
        "volumeOptions": None,
        "tmpfsOptions": None,
    }


def _ports_read_back(found: Values) -> list[dict[str, Any]]:
    ports = []
    for key, outer in sorted(found.items(), key=lambda item: int(item[0].partition("/")[0])):
        inner, _, protocol = key.partition("/")
        for end in outer or ():
            port = {"internal": int(inner), "external": int(end["HostPort"]), "ip": end["HostIp"], "protocol": protocol}
            ports.append(port)
    return ports


def _addresses(found: Values) -> list[dict[str, Any]]:
    return [
        {
            "networkName": name,
            "ipAddress": each.get("IPAddress", ""),
            "ipPrefixLength": each.get("IPPrefixLen", 0),
            "gateway": each.get("Gateway", ""),
            "globalIpv6Address": each.get("GlobalIPv6Address", ""),
            "globalIpv6PrefixLength": each.get("GlobalIPv6PrefixLen", 0),
            "ipv6Gateway": each.get("IPv6Gateway", ""),
            "macAddress": each.get("MacAddress", ""),
        }
        for name, each in (found["NetworkSettings"].get("Networks") or {}).items()
    ]
