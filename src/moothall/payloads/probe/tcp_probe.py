"""The probe's hands: knocking at addresses, asking for names, showing a certificate at a door.

It stands alone (Python 3.11, standard library), for it is copied into the container.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Any

OPEN_FILES = 500
READY = b"GET /ready HTTP/1.0\r\n\r\n"
HEALTH_CHECK = "hc"
"""The name (ALPN) by which a gateway tells a relay's question for its health from users."""
DNS_PORT = 53
_LISTENS = "0A"
_LOOPBACK = ("7F", "00000000000000000000000001000000")
"""How 127.0.0.0/8 ends in a table of sockets, also within IPv6, and ::1, on a little-endian machine."""
WAITED_SECONDS = 2.5
"""Who is ended after so long was let in and has said nothing; who is rejected is so at once."""
DIAL_SECONDS = 10
PAUSE_SECONDS = 0.3
"""Longer than an engine needs for a network, shorter than anybody minds to wait."""


async def connect(address: str, port: int, seconds: float) -> str:
    """Return what an address does: open, closes, refused or silent.

    "closes": the connection is made and ended without a byte, as a proxy does that rejects; one that waits for a first
    word, and gives up (`plan.config.haproxy`), is open.
    "silent": nothing came back, which is what the engine's isolation between networks looks like.
    """
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), seconds)
    except ConnectionRefusedError:
        return "refused"
    except ConnectionError:  # made, and reset by a proxy that rejects before we could look
        return "closes"
    except (TimeoutError, OSError):
        return "silent"
    connection_time = time.monotonic()
    try:
        first_byte = await asyncio.wait_for(reader.read(1), seconds)
    except TimeoutError:
        return "open"
    except OSError:
        first_byte = b""
    finally:
        writer.close()
    return "open" if first_byte or time.monotonic() - connection_time > WAITED_SECONDS else "closes"


async def sweep(targets: list[list[Any]], seconds: float) -> list[str]:
    """Return what each (address, port) does, in order, all tried at once within the limit of open files."""
    places = asyncio.Semaphore(OPEN_FILES)

    async def one(address: str, port: int) -> str:
        async with places:
            return await connect(address, port, seconds)

    return await asyncio.gather(*(one(str(address), int(port)) for address, port in targets))


async def trusted(
    trying: Callable[[float], Awaitable[list[str]]], controls: list[int], silences: Iterable[float]
) -> list[str]:
    """Return what came of trying, with a patience at which what must answer (`controls`, by index) did.

    On a busy machine even what is open may be silent for seconds: then silence proves nothing, and all are tried
    again with more patience. `silences` are the seconds of each turn; the last turn counts, come what may.
    """
    outcomes: list[str] = []
    for seconds in silences:
        outcomes = await trying(seconds)
        if not any(outcomes[control] == "silent" for control in controls):
            break
    return outcomes


async def swept(targets: list[list[Any]], controls: list[int], silences: tuple[float, ...]) -> list[str]:
    """Return what each (address, port) does, in order; what was reached once and not again is silent.

    Docker's engine takes its wall between networks away for some milliseconds whenever any network is made on it
    (libnetwork puts the jumps to its rules at the head of the chain again by removing them first). Knocked at in that
    moment a door opens that is shut, so what answers is knocked at once more.
    """
    outcomes = await trusted(partial(sweep, targets), controls, silences)
    reached_numbers = [number for number, outcome in enumerate(outcomes) if outcome != "silent"]
    if reached_numbers:
        await asyncio.sleep(PAUSE_SECONDS)
    control_numbers = [reached_numbers.index(control) for control in controls if control in reached_numbers]
    second_outcomes = await trusted(
        partial(sweep, [targets[number] for number in reached_numbers]), control_numbers, silences
    )
    for number, outcome in zip(reached_numbers, second_outcomes, strict=True):
        outcomes[number] = outcome
    return outcomes


async def tls_handshake(address: str, port: int, server_name: str, identity: ssl.SSLContext, seconds: float) -> str:
    """Return what a gateway says to a certificate: serves, closes (without a byte), refused (the certificate), silent.

    TLS 1.3 tells a client that it was refused only when it reads; the name of the server is not looked at, for what
    matters is whether anything is served.
    """
    return await _outcome(_request_ready(address, port, server_name, identity), seconds)


async def _outcome(trying: Coroutine[Any, Any, str], seconds: float) -> str:
    try:
        return await asyncio.wait_for(trying, seconds)
    except ssl.SSLError:
        return "refused"
    except ConnectionError:
        return "closes"
    except (TimeoutError, OSError):
        return "silent"


async def _request_ready(address: str, port: int, server_name: str, identity: ssl.SSLContext) -> str:
    reader, writer = await asyncio.open_connection(address, port, ssl=identity, server_hostname=server_name)
    try:
        writer.write(READY)
        return "closes" if await reader.read(1) == b"" else "serves"
    finally:
        writer.close()


async def greetings(doors: list[list[Any]], identity: ssl.SSLContext, seconds: float) -> list[str]:
    """Return what each (address, port, server name) says to the certificate, in order."""
    return await asyncio.gather(*(tls_handshake(str(a), int(p), str(name), identity, seconds) for a, p, name in doors))


async def say(address: str, port: int, server_name: str, line: str, identity: ssl.SSLContext) -> str:
    """Return what becomes of a line that is said to who answers nobody: held, where the connection is not ended; else
    closes, refused (the certificate) or silent."""
    return await _outcome(_line_held(address, port, server_name, line, identity), DIAL_SECONDS + WAITED_SECONDS)


async def _line_held(address: str, port: int, server_name: str, line: str, identity: ssl.SSLContext) -> str:
    reader, writer = await asyncio.open_connection(address, port, ssl=identity, server_hostname=server_name)
    writer.write(f"{line}\n".encode())
    try:
        await asyncio.wait_for(reader.read(1), WAITED_SECONDS)
    except TimeoutError:
        return "held"
    finally:
        writer.close()
    return "closes"


async def lines_said(lines: list[list[Any]], identity: ssl.SSLContext) -> list[str]:
    """Return what becomes of each (address, port, server name, line) with the certificate, in order."""
    return await asyncio.gather(*(say(str(a), int(p), str(name), str(line), identity) for a, p, name, line in lines))


def identity_in(folder: Path) -> ssl.SSLContext:
    """Return what the probe shows at doors: the certificate beside its order, or nothing if there is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(folder / "ca.crt")
    if (folder / "client.pem").exists():
        context.load_cert_chain(folder / "client.pem")
    context.set_alpn_protocols([HEALTH_CHECK])
    return context


class _AnswerCollector(asyncio.DatagramProtocol):
    """Collects the answers of a name server by the number of the question."""

    def __init__(self) -> None:
        self.answers: dict[int, str] = {}

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Keep the first IPv4 address of an answer that has one."""
        address = _address_in(data)
        if address:
            self.answers[struct.unpack("!H", data[:2])[0]] = address


async def resolved(
    names: Iterable[str], seconds: float, server: str | None = None, port: int = DNS_PORT
) -> dict[str, str]:
    """Return the names that resolve with their first address; all are asked at once.

    An engine's name server says nothing at all of a name that it does not know on an internal network.
    """
    names_by_number = dict(enumerate(names))
    server_address = server or name_server(Path("/etc/resolv.conf"))
    if not names_by_number or not server_address:
        return {}
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_AnswerCollector, remote_addr=(server_address, port))
    try:
        for number, name in names_by_number.items():
            transport.sendto(_question(number, name))
        await asyncio.sleep(seconds)
    finally:
        transport.close()
    return {
        names_by_number[number]: address for number, address in protocol.answers.items() if number in names_by_number
    }


def name_server(settings: Path) -> str:
    """Return the first name server of a resolv.conf, "" if there is none."""
    with contextlib.suppress(OSError):
        for line in settings.read_text(encoding="utf-8").splitlines():
            word, _, address = line.partition(" ")
            if word == "nameserver":
                return address.strip()
    return ""


def _question(number: int, name: str) -> bytes:
    """Return a DNS question (RFC 1035, 4.1) for the IPv4 addresses of a name."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def _address_in(answer: bytes) -> str:
    """Return the IPv4 address that ends an answer with one; "" for an answer that names none."""
    flags, _, answers = struct.unpack("!HHH", answer[2:8])
    if flags & 0xF or not answers:
        return ""
    position = answer.find(b"\x00\x01\x00\x01", 12)
    position = answer.find(b"\x00\x01\x00\x01", position + 4)  # the first is the question, which an answer repeats
    return (
        str(ipaddress.IPv4Address(answer[position + 10 : position + 14]))
        if position > 0 and len(answer) >= position + 14
        else ""
    )


def addresses_v6(table: Path = Path("/proc/net/if_inet6")) -> list[str]:
    """Return the probe's IPv6 addresses beyond its own loopback (proc(5)): nothing else is looked at over IPv6."""
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [str(ipaddress.IPv6Address(int(line.split()[0], 16))) for line in lines if line.split()[-1] != "lo"]


def listening(net: Path = Path("/proc/net")) -> dict[str, list[Any]]:
    """Return the IPv4 addresses beyond loopback, and the TCP ports on which anything listens beyond it (proc(5))."""
    own_addresses, last_address = set(), ""
    for line in (net / "fib_trie").read_text(encoding="ascii").splitlines():
        word = line.strip()
        if word.startswith("|--"):
            last_address = word.removeprefix("|--").strip()
        elif word.startswith("/32 host LOCAL"):
            own_addresses.add(last_address)
    ports = {port for table in ("tcp", "tcp6") for port in _listening_ports(net / table)}
    return {
        "addresses": sorted(address for address in own_addresses if not address.startswith("127.")),
        "ports": sorted(ports),
    }


def _listening_ports(table: Path) -> set[int]:
    """Return the ports of a table of sockets that listen on more than loopback; addresses are words in host order."""
    try:
        rows = [line.split() for line in table.read_text(encoding="ascii").splitlines()[1:]]
    except OSError:  # no IPv6
        return set()
    doors = [row[1].split(":") for row in rows if row[3] == _LISTENS]
    return {int(port, 16) for address, port in doors if not address.endswith(_LOOPBACK)}
