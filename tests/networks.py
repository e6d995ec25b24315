"""Networks for what the tests stand up: leased, so that they meet nobody's.

What is leased is a second octet N: the network 10.N.0.0/16, and with it the loopback addresses in 127.N.0.0/16. It is
one that no shipped partnership has, that nothing on the engine and nothing on this machine has or talks to, and that no
other process of tests holds. It is held until its process ends, however that happens. Only the upper half is leased: a
drill of a partnership looks for networks of its own from the bottom up.
"""

from __future__ import annotations

import fcntl
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from pathlib import Path
from typing import IO

import docker

PARTNERSHIPS = Path(__file__).resolve().parents[1] / "partnerships"
ROOM = range(255, 127, -1)
_TEN = IPv4Network("10.0.0.0/8")
_OWN_SIXTEENTH = 16
_ADDRESS = re.compile(r"\b(\d+)\.(\d+)\.(\d+\.\d+)\b")
_NAME_SERVER = re.compile(r"^nameserver[ \t]+(\d+(?:\.\d+){3})", re.MULTILINE)
_LISTENS = "0A"
_LOCKS: dict[int, IO[str]] = {}
"""What keeps the octets of this process from other processes."""


def in_files(folder: Path = PARTNERSHIPS) -> set[int]:
    """Return the second octets of all addresses that stand in the definitions below a folder."""
    return {int(found[2]) for file in folder.rglob("*.yaml") for found in _ADDRESS.finditer(file.read_text())}


def octets(networks: Iterable[str]) -> set[int]:
    """Return the second octets that may not be used beside these networks and loopback addresses."""
    found = set[int]()
    for network in (IPv4Network(text, strict=False) for text in networks):
        if network.prefixlen >= _OWN_SIXTEENTH:
            found.add(network.network_address.packed[1])
        elif network.overlaps(_TEN):
            found |= {each.network_address.packed[1] for each in _parts(network)}
    return found


def _parts(network: IPv4Network) -> Iterator[IPv4Network]:
    return (network if network.subnet_of(_TEN) else _TEN).subnets(new_prefix=_OWN_SIXTEENTH)


def lease(count: int, seen: Callable[[], Iterable[str]] | None = None) -> list[int]:
    """Return so many second octets that nobody has; `seen` returns what stands, else the engine and the machine say it.

    They are locked first and looked at then: of what another process stands up either the lock or the network is seen.
    """
    candidates, leased = _lockable(), list[int]()
    while len(leased) < count:
        locked = list(islice(candidates, count - len(leased)))
        assert locked, f"no second octet of 10.0.0.0/8 from {ROOM[-1]} to {ROOM[0]} is free"
        taken = octets((seen or standing)())
        leased += [octet for octet in locked if octet not in taken]
        for octet in taken.intersection(locked):
            _LOCKS.pop(octet).close()
    return leased


@cache
def subnet(name: str, number: int) -> str:
    """Return a small network that is of nothing else in this process: the same for the same name and number."""
    return str(next(_small()))


@cache
def _small() -> Iterator[IPv4Network]:
    return (
        part for _ in ROOM for octet in lease(1) for part in IPv4Network(f"10.{octet}.0.0/16").subnets(new_prefix=28)
    )


def moved(text: str, by: Mapping[int, int]) -> str:
    """Return a text with the second octet of each address exchanged."""
    return _ADDRESS.sub(lambda found: f"{found[1]}.{by.get(int(found[2]), int(found[2]))}.{found[3]}", text)


def free_ports(wanted: Iterable[int], busy: Iterable[int] | None = None) -> dict[int, int]:
    """Return for each port one from it on that is none of the others and that nobody has on all addresses at once.

    Nobody has it on one of the loopback addresses: those are leased.
    """
    found, taken = dict[int, int](), set(_everywhere() if busy is None else busy)
    for port in wanted:
        found[port] = next(each for each in range(port, 1 << 16) if each not in taken)
        taken.add(found[port])
    return found


def _everywhere() -> Iterator[int]:
    return (port for address, port in _listening() if address == IPv4Address(0))


def standing() -> Iterator[str]:
    """Yield the networks of the engine and of this machine, the loopback addresses at which somebody listens, and whom
    the machine asks for names or has a connection with: a network around one of them would cut it off."""
    yield from _on_engine()
    yield from _name_servers()
    yield from (str(address) for address in _peers())
    for line in _lines("route"):
        _, first, _, _, _, _, _, mask, *_ = line.split()
        network = IPv4Network((int(_address(first)), int(_address(mask)).bit_count()))
        if network.prefixlen >= _OWN_SIXTEENTH:  # a wider route leaves room for narrower ones
            yield str(network)
    yield from (str(address) for address, _ in _listening() if address.is_loopback)


def _on_engine() -> Iterator[str]:
    """Yield what an engine has, nothing where none answers."""
    try:
        client = docker.from_env()
        networks, containers = client.api.networks(), client.api.containers()
    except docker.errors.DockerException:
        return
    pools = [pool for each in networks for pool in (each.get("IPAM") or {}).get("Config") or ()]
    doors = [door for each in containers for door in each["Ports"]]
    found = [pool.get("Subnet", "") for pool in pools] + [door.get("IP", "") for door in doors]
    yield from (each for each in found if _ADDRESS.match(each) and not each.startswith("0."))


def _name_servers(file: Path = Path("/etc/resolv.conf")) -> list[str]:
    return _NAME_SERVER.findall(file.read_text()) if file.exists() else []


def _peers() -> Iterator[IPv4Address]:
    """Yield the other ends of connections."""
    for line in _lines("tcp"):
        _, _, remote, *_ = line.split()
        yield _address(remote[:8])


def _listening() -> Iterator[tuple[IPv4Address, int]]:
    """Yield address and port of every listening socket; one on all addresses of IPv6 is on all of IPv4 too."""
    for table in ("tcp", "tcp6"):
        for line in _lines(table):
            _, local, _, state, *_ = line.split()
            address, port = local.split(":")
            if state == _LISTENS and (table == "tcp" or not int(address, 16)):
                yield _address(address[:8]), int(port, 16)


def _lines(table: str) -> list[str]:
    return Path("/proc/net", table).read_text().splitlines()[1:]


def _address(hexadecimal: str) -> IPv4Address:
    """Return an address as the kernel writes it: in the byte order of the machine, which is little here."""
    return IPv4Address(bytes.fromhex(hexadecimal)[::-1])


def _lockable() -> Iterator[int]:
    """Yield octets that no shipped partnership has, each locked for this process when it is asked for."""
    folder = Path(tempfile.gettempdir(), f"moothall-tests-{_engine()}")
    folder.mkdir(exist_ok=True)
    shipped = in_files()
    for octet in ROOM:
        if octet not in shipped and octet not in _LOCKS and (lock := _locked(folder / f"10.{octet}")):
            _LOCKS[octet] = lock
            yield octet


def _locked(file: Path) -> IO[str] | None:
    lock = file.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _engine() -> str:
    """Return what tells the engine from others: two of them never see each other's networks."""
    try:
        identity: str = docker.from_env().info()["ID"]
    except docker.errors.DockerException:
        return "none"
    return re.sub(r"\W", "", identity)
