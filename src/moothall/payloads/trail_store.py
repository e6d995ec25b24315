"""The store of a partnership's logs: takes lines from who has the key of a sender, and adds each to a chain.

A sender shows its certificate, whose subject is its name and the thumbprint of its key, in whichever order;
`/cfg/senders` has a line `<thumbprint> <name>` for each. What it says is text, and nothing is done with it but to keep
it.

There is one file a day, and one line an entry: the hash, a blank, and the entry as JSON with its number `n`, when it
came (`at`), whose it is (`sender`) and what was said (`line`). The hash is that of the hash before, a blank and the
entry, so nothing can be changed, or cut out, under a hash that somebody remembers. Each file begins with an entry that
says the hash before it: older files can go when their time is over.

Runs as process 1 of a container; KEEP_DAYS says how long files are kept. SIGHUP has certificate, authorities and
senders read again.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import mmap
import os
import signal
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

PORT = 16514
CFG, KEPT = Path("/cfg"), Path("/var/lib/trytond")
ORIGIN = "0" * 64
OWN = "store"
LINE = 8192
"""Bytes of what is said at once; a sender that says more without an end is sent away."""
A_DAY = 256 << 20
"""Bytes of one sender that are kept a day: nobody fills the disk for all."""
OVERHEAD = 200
"""Bytes that an entry takes beside what is said, about: of empty lines as well there are so many a day."""
HANDSHAKE_SECONDS = 5
EVERYWHERE = "0.0.0.0"  # noqa: S104  # the networks are sealed, and it is on those of senders only
SYNC_SECONDS = 1
PeerCertificate = dict[str, tuple[tuple[tuple[str, str], ...], ...]]
"""What Python's `ssl` says of a certificate, as far as it is used here."""


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Chain:
    """The files of the chain, the newest open at its end."""

    def __init__(self, folder: Path, keep_days: int, clock: Callable[[], datetime] = now) -> None:
        """Go on where the newest file ends; what a crash left half written there is cut off."""
        self.folder, self.keep_days, self.clock = folder, keep_days, clock
        self.number, self.hash = 0, ORIGIN
        self.said: Counter[str] = Counter()
        self.day = ""
        self.file: IO[bytes] | None = None
        files = sorted(folder.glob("*.log"))
        while files and not self._resume(files[-1]):
            files.pop().unlink()

    def add(self, sender: str, line: str) -> None:
        """Add what a sender said; once it has said too much for a day, only that."""
        moment = self.clock()
        if moment.date().isoformat() > self.day:  # a clock that is put back makes no older file longer
            self._open(moment)
        before, size = self.said[sender], OVERHEAD + len(json.dumps(line))
        self.said[sender] += size
        if before > A_DAY:
            return
        self._write(moment, sender, line if before + size <= A_DAY else "(said too much: no more is kept today)")
        if before + size > A_DAY:
            self.said[sender] = A_DAY + 1

    def sync(self) -> None:
        """Have on disk what was added."""
        if self.file:
            os.fdatasync(self.file.fileno())

    def _resume(self, path: Path) -> bool:
        """Go on at the end of a file, which may be larger than all memory; say whether there is anything in it."""
        size = path.stat().st_size
        if not size:
            return False
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            end = data.rfind(b"\n") + 1
            last = data[data.rfind(b"\n", 0, max(end - 1, 0)) + 1 : end].decode()
        if not last:
            return False
        if end < size:
            os.truncate(path, end)
        last_hash, _, entry = last.partition(" ")
        self.number, self.hash, self.day = json.loads(entry)["n"], last_hash, path.stem
        self.file = path.open("ab", buffering=0)
        return True

    def _open(self, moment: datetime) -> None:
        """Begin the file of a day, and remove those whose time is over."""
        if self.file:
            self.sync()
            self.file.close()
        day = moment.date().isoformat()
        self.said.clear()
        self.file = (self.folder / f"{day}.log").open("ab", buffering=0)
        self._write(moment, OWN, f"after {self.hash}")
        self.day = day  # where nothing could be written yet, it is begun again
        oldest = (moment.date() - timedelta(days=self.keep_days)).isoformat()
        for path in self.folder.glob("*.log"):
            if path.stem < oldest:
                path.unlink()

    def _write(self, moment: datetime, sender: str, line: str) -> None:
        """Write an entry, or nothing at all: the next one follows what is there. Raises OSError for a full disk."""
        assert self.file is not None
        at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = json.dumps({"n": self.number + 1, "at": at, "sender": sender, "line": line})
        found = hashlib.sha256(f"{self.hash} {entry}".encode()).hexdigest()
        data, size = f"{found} {entry}\n".encode(), os.fstat(self.file.fileno()).st_size
        try:
            whole = self.file.write(data) == len(data)
        except OSError:
            whole = False
        if not whole:
            os.ftruncate(self.file.fileno(), size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.number, self.hash = self.number + 1, found


class Store:
    """Takes lines from senders at a port, with the files that it has read last."""

    def __init__(self, chain: Chain, cfg: Path, port: int = PORT) -> None:
        """Take the port."""
        self.chain, self.cfg = chain, cfg
        self.socket = socket.create_server((EVERYWHERE, port))
        self.server: asyncio.Server | None = None
        self.senders: dict[frozenset[str], str] = {}
        self.issuers: list[object] = []
        self.connections: dict[asyncio.StreamWriter, PeerCertificate] = {}

    async def read(self) -> None:
        """Read what may be exchanged; connections go on whose senders are known still, by an authority of now.

        A context forgets no authority, so there is a new one each time. The socket stays: nobody finds no door.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.cfg / "ca.crt")
        context.load_cert_chain(self.cfg / "store.pem")
        lines = (self.cfg / "senders").read_text(encoding="utf-8").splitlines()
        senders = {frozenset(line.split(" ")): line.split(" ")[1] for line in lines}
        former, door = self.server, self.socket.dup()
        self.server = await asyncio.start_server(
            self._serve, sock=door, ssl=context, limit=LINE, ssl_handshake_timeout=HANDSHAKE_SECONDS
        )
        self.senders = senders
        self.issuers = [authority["subject"] for authority in context.get_ca_certs()]
        if former:
            former.close()
        for writer, certificate in self.connections.items():
            if not self._sender(certificate):
                writer.transport.abort()

    def close(self) -> None:
        """Take no more connections."""
        self.socket.close()
        if self.server:
            self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the lines of one connection, if it is a sender's."""
        self.connections[writer] = certificate = writer.get_extra_info("peercert")
        try:
            while name := self._sender(certificate):
                line = await reader.readuntil(b"\n")
                self.chain.add(name, line.decode("utf-8", "replace").rstrip("\r\n"))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # it ends, or says too much without an end
        finally:
            del self.connections[writer]
            writer.transport.abort()

    def _sender(self, certificate: PeerCertificate) -> str | None:
        """Return the name of the sender that holds this certificate, None for nobody's.

        Its subject is a name and a thumbprint. No two authorities have one name.
        """
        if certificate["issuer"] not in self.issuers:
            return None
        return self.senders.get(frozenset(value for part in certificate["subject"] for _, value in part))


async def main() -> None:
    """Take lines until asked to stop."""
    store = Store(Chain(KEPT, int(os.environ["KEEP_DAYS"])), CFG)
    loop, woken, asked = asyncio.get_running_loop(), asyncio.Event(), set[int]()
    loop.set_exception_handler(lambda _, about: print(about["message"], file=sys.stderr))

    def hear(number: int) -> None:
        asked.add(number)
        woken.set()

    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, hear, number)
    await store.read()
    while signal.SIGTERM not in asked:
        with suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), SYNC_SECONDS)
        woken.clear()
        if signal.SIGHUP in asked:
            asked.discard(signal.SIGHUP)
            try:
                await store.read()
            except (
                OSError,
                ValueError,
                LookupError,
            ) as error:  # files that do not fit each other yet: what was read before holds
                print(f"what was exchanged cannot be read: {error}", file=sys.stderr)
        store.chain.sync()
    store.close()


if __name__ == "__main__":
    asyncio.run(main())
