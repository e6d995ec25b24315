"""What is wrong with the address of an engine on another machine, in the parts that the schema cannot tell apart."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address
from string import ascii_letters, digits
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

_OF_A_NAME = frozenset(ascii_letters + digits + ".-_")
_MOST = 65535


class Problem(NamedTuple):
    """What is wrong with an address and how to mend it; `private` when the address holds what must not be repeated."""

    summary: str
    detail: str
    private: bool = False


def problem(address: str) -> Problem | None:
    """Return what is wrong with `unix://PATH`, `ssh://USER@HOST[:PORT]` or `tcp://HOST:PORT`, None if nothing is."""
    if address.startswith("unix://"):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return Problem("this is no host", "Put an IPv6 address between [ and ].")
    if parts.password is not None:
        detail = "It would not be used, and whoever reads the file has it: ssh proves itself by a key. Write USER@HOST."
        return Problem("there is a password in the endpoint", detail, private=True)
    return _port(parts) or _host(parts)


def _port(parts: SplitResult) -> Problem | None:
    wrong = Problem("this is no port", f"Write a number from 1 to {_MOST} behind the last colon.")
    try:
        return wrong if parts.port == 0 else None
    except ValueError:
        return wrong


def _host(parts: SplitResult) -> Problem | None:
    host_name = parts.hostname or ""
    if parts.path or parts.query or parts.fragment:
        return Problem("something stands behind the host", "Write the host, and a port if it is not the usual one.")
    if "[" in parts.netloc or ":" in host_name:
        return None if _is_ipv6(host_name) else Problem("this is no host", "Put an IPv6 address between [ and ].")
    if not host_name or not _OF_A_NAME.issuperset(host_name):
        return Problem("this is no host", "Write its name on the network, or its address.")
    return None


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
