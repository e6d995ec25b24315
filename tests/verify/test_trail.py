"""The store of logs, its chain, and who notices what is done to it: the programs themselves, and real TLS."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import resource
import secrets
import ssl
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.waiting import PATIENCE

from moothall.keys.key_versions import FIRST
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.payloads import trail_reader, trail_store
from moothall.payloads.trail_store import Chain, Store
from moothall.verify.trail import Entry, Memory, Question, Reply, problems

NOON = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
KEEP = 3
STORE, GATEWAY, SERVER = "logs.consett", "gateway.durham.erp.morpeth", "pg-morpeth.erp"
LEAVES = {
    STORE: Certificate(STORE, STORE, (STORE,), (), ("server",)),
    GATEWAY: Certificate(GATEWAY, GATEWAY, (GATEWAY,), (), ("client", "server")),
    SERVER: Certificate(SERVER, None, (SERVER,), (), ("client", "server")),
}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The store's clock."""
    return Clock()


def filled(folder: Path, clock: Clock, days: int = 1) -> Chain:
    """Return a chain with three entries on each of these days."""
    chain = Chain(folder, KEEP, clock)
    for day in range(days):
        clock.now = NOON + timedelta(days=day)
        for number in range(3):
            chain.add(GATEWAY, f"day {day} line {number}")
    chain.sync()
    return chain


def asked(folder: Path, **question: object) -> Reply:
    """Return what the reader says of a folder."""
    order = {**vars(Question(**question)), "folder": str(folder)}  # type: ignore[arg-type]
    reply = json.loads(json.dumps(trail_reader.read(order)))
    entries = tuple(Entry(e["n"], e["at"], e["sender"], e["line"]) for e in reply["entries"])
    return Reply(reply["days"], reply["broken"], entries, reply["count"], reply["marks"])


def looked(folder: Path, memory: Memory, today: date) -> list[str]:
    """Return what a look finds wrong; what is sound is remembered."""
    remembered = memory.days()
    reply = asked(folder, marks=[seen["n"] for seen in remembered.values()], most=0)
    found = problems(remembered, reply, KEEP, today)
    if not found:
        memory.keep(reply)
    return found


def test_a_chain_goes_on_where_it_ended(tmp_path: Path, clock: Clock) -> None:
    """Also when a crash has left half an entry."""
    filled(tmp_path, clock)
    with (tmp_path / "2026-06-01.log").open("ab") as file:
        file.write(b"0123 half an ent")

    chain = Chain(tmp_path, KEEP, clock)
    chain.add("pg-morpeth.erp", "and more")

    reply = asked(tmp_path, senders=["pg-morpeth.erp"])
    assert reply.broken == ""
    assert [(entry.number, entry.line) for entry in reply.entries] == [(5, "and more")]


def test_a_chain_goes_on_in_a_file_larger_than_memory(tmp_path: Path, clock: Clock) -> None:
    """A store that is started again has 96 MB, and a day's lines may be more."""
    filled(tmp_path, clock)
    with (tmp_path / "2026-06-01.log").open("r+b") as file:
        lines = file.read()
        file.write(b" " * (8 << 20) + b"\n" + lines)
    tracemalloc.start()
    try:
        chain = Chain(tmp_path, KEEP, clock)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1 << 20
    assert chain.number == 4


@pytest.mark.parametrize("room", [0, 40, 400])
@pytest.mark.parametrize("days", [0, 1])
def test_a_chain_goes_on_when_there_is_room_again(tmp_path: Path, clock: Clock, room: int, days: int) -> None:
    """A disk without room, for which a limit stands here, takes all of an entry or nothing: it breaks no chain."""
    chain = filled(tmp_path, clock)
    clock.now += timedelta(days=days)
    size = room + (0 if days else (tmp_path / "2026-06-01.log").stat().st_size)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        for _ in range(9):
            with suppress(OSError):
                chain.add(GATEWAY, "some are too many")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    chain.add(SERVER, "room again")

    reply = asked(tmp_path, senders=[SERVER])
    assert (reply.broken, [entry.line for entry in reply.entries]) == ("", ["room again"])
    again = Chain(tmp_path, KEEP, clock)
    assert (again.number, again.hash) == (chain.number, chain.hash)


def test_lines_go_when_their_time_is_over(tmp_path: Path, clock: Clock) -> None:
    """The chain of what is left is whole, and nobody takes the rest for stolen."""
    memory = Memory(tmp_path / "memory.json")
    kept = tmp_path / "kept"
    kept.mkdir()
    filled(kept, clock, days=2)
    assert looked(kept, memory, clock.now.date()) == []
    filled(kept, clock, days=7)
    assert sorted(file.stem for file in kept.iterdir()) == ["2026-06-04", "2026-06-05", "2026-06-06", "2026-06-07"]
    assert looked(kept, memory, clock.now.date()) == []


def test_nobody_fills_the_disk_for_all(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says too much on a day is cut off, is said to be, and is heard again on the next; others are heard."""
    monkeypatch.setattr(trail_store, "A_DAY", 3 * len(json.dumps("x" * 30)) + 3 * trail_store.OVERHEAD)
    chain = Chain(tmp_path, KEEP, clock)
    for _ in range(20):
        chain.add(GATEWAY, "x" * 30)
    chain.add("pg-morpeth.erp", "still heard")
    clock.now += timedelta(days=1)
    chain.add(GATEWAY, "heard again")

    said = [entry.line for entry in asked(tmp_path, senders=[GATEWAY, "pg-morpeth.erp"]).entries]
    assert said == ["x" * 30] * 3 + ["(said too much: no more is kept today)", "still heard", "heard again"]


@pytest.mark.parametrize("line", ["", "\x01" * 1000, "\u20ac" * 1000])
def test_what_a_sender_says_is_counted_as_it_is_kept(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """Nothing at all has a place, too, and what has to be escaped takes more of it."""
    monkeypatch.setattr(trail_store, "A_DAY", 20_000)
    chain = Chain(tmp_path, KEEP, clock)
    for _ in range(1000):
        chain.add(GATEWAY, line)

    assert (tmp_path / "2026-06-01.log").stat().st_size < 2 * trail_store.A_DAY
    assert asked(tmp_path, senders=[GATEWAY]).entries[-1].line.startswith("(said too much")


def rewritten(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change entries and make the whole chain anew, as one can who writes the store and knows how it is made."""
    spoken = []
    for path in sorted(folder.glob("*.log")):
        entries = [json.loads(line.partition(" ")[2]) for line in path.read_text().splitlines()]
        spoken += [(entry["at"], entry["line"]) for entry in entries if entry["sender"] != "store"]
        path.unlink()
    clock = Clock()
    chain = Chain(folder, KEEP, clock)
    for at, line in zip([at for at, _ in spoken], change([line for _, line in spoken]), strict=False):
        clock.now = datetime.fromisoformat(at)
        chain.add(GATEWAY, line)


def overwritten(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file of a store."""
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def without_line(folder: Path, name: str, number: int) -> None:
    """Take a line out of a file of a store."""
    lines = (folder / name).read_text().splitlines(keepends=True)
    (folder / name).write_text("".join(lines[:number] + lines[number + 1 :]))


DEEDS: dict[str, Callable[[Path], object]] = {
    "an entry is changed": lambda kept: overwritten(kept, "2026-06-01.log", "day 0 line 1", "day 0 line 9"),
    "an entry is taken out": lambda kept: without_line(kept, "2026-06-01.log", 2),
    "the last entry is taken out": lambda kept: without_line(kept, "2026-06-03.log", 3),
    "the first entry is taken out": lambda kept: without_line(kept, "2026-06-02.log", 0),
    "the oldest day is gone": lambda kept: (kept / "2026-06-01.log").unlink(),
    "a day is gone": lambda kept: (kept / "2026-06-02.log").unlink(),
    "the newest day is gone": lambda kept: (kept / "2026-06-03.log").unlink(),
    "all is gone": lambda kept: [path.unlink() for path in kept.iterdir()],
    "a file is emptied": lambda kept: (kept / "2026-06-02.log").write_text(""),
    "the whole chain is made anew with another line": lambda kept: rewritten(
        kept, lambda lines: ["nothing happened", *lines[1:]]
    ),
    "the whole chain is made anew, and is shorter": lambda kept: rewritten(kept, lambda lines: lines[:-1]),
    "a line is no entry": lambda kept: overwritten(kept, "2026-06-02.log", '"line"', '"lime"'),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_writes_the_store_is_noticed(tmp_path: Path, clock: Clock, deed: str) -> None:
    """What was seen once cannot be changed or cut, not even by who makes the whole chain anew and goes on with it."""
    memory, kept = Memory(tmp_path / "state" / "memory.json"), tmp_path / "kept"
    kept.mkdir()
    filled(kept, clock, days=3)
    today = clock.now.date()
    assert looked(kept, memory, today) == []

    DEEDS[deed](kept)
    Chain(kept, KEEP, clock).add(GATEWAY, "and it goes on")

    assert looked(kept, memory, today) != []
    assert looked(kept, memory, today) != []  # what is not sound is not remembered


def test_a_council_is_told_what_is_its_own(tmp_path: Path, clock: Clock) -> None:
    """Of a server: its database, its role, and what administrators did with them."""

    def server_line(user: str, database: str, message: str) -> str:
        return json.dumps({"user": user, "dbname": database, "message": message})

    chain = Chain(tmp_path, KEEP, clock)
    own = [
        server_line("durham", "durham", "connection authorized"),
        server_line("durham", "postgres", "not let in"),
        server_line("provisioner", "postgres", "moothall: role durham: frozen t"),
    ]
    for line in [
        *own,
        server_line("durham_city", "durham_city", "connection authorized"),
        server_line("provisioner", "postgres", "moothall: role durham_city: frozen t"),
        server_line("durham_city", "durham_city", "statement: of durham"),
        "durham",
        "[1]",
        "[" * 8000,
    ]:
        chain.add("pg-morpeth.erp", line)
    chain.add(GATEWAY, "a request")
    chain.add("gateway.durham-city.erp.morpeth", "a request")

    reply = asked(tmp_path, senders=[GATEWAY], databases={"pg-morpeth.erp": ["durham"]})

    assert [entry.line for entry in reply.entries] == [*own, "a request"]


@pytest.mark.parametrize("entry", ["[" * 100_000, "7", '{"n": "1", "at": "", "sender": "a", "line": ""}', '{"n": 1}'])
def test_what_is_no_entry_breaks_the_chain(tmp_path: Path, clock: Clock, entry: str) -> None:
    """Also where whoever has the store has made its hash right: the reader says where, and reads on."""
    filled(tmp_path, clock, days=2)
    path = tmp_path / "2026-06-01.log"
    last = path.read_text().splitlines()[-1].partition(" ")[0]
    with path.open("a") as file:
        file.write(f"{hashlib.sha256(f'{last} {entry}'.encode()).hexdigest()} {entry}\n")

    reply = asked(tmp_path, senders=[GATEWAY])
    assert reply.broken == "2026-06-01, line 5 is no entry"
    assert len(reply.entries) == 6


@pytest.fixture(scope="module")
def vault() -> DerivingVault:
    """The keys of a partnership."""
    return DerivingVault({0: b"m" * 32}, f"trail-{secrets.token_hex(3)}", agreed=date(2006, 10, 10), as_of=date.today())


def known(vault: DerivingVault, name: str = GATEWAY) -> str:
    """Return how a store knows a sender."""
    return f"{vault.thumbprint(LEAVES[name])} {name}"


def store_files(folder: Path, vault: DerivingVault, senders: str) -> Path:
    """Write the files of a store that knows these senders."""
    (folder / "ca.crt").write_text(vault.authority())
    (folder / "store.pem").write_text(vault.certificate(LEAVES[STORE]) + vault.key(LEAVES[STORE]))
    (folder / "senders").write_text(f"{senders}\n")
    return folder


async def dialled(store: Store, identity: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to a store, with a certificate and its key, PEM."""
    pem = store.cfg / "client.pem"
    pem.write_text(identity)
    trust = ssl.create_default_context(cafile=str(store.cfg / "ca.crt"))
    trust.load_cert_chain(pem)
    port = store.socket.getsockname()[1]
    return await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname=STORE)


async def sent(store: Store, identity: str, lines: bytes, count: int) -> None:
    """Send bytes to a store with a certificate, and wait until it has so many lines, or ends the connection."""
    await store.read()
    reader, writer = await dialled(store, identity)
    writer.write(lines)
    ended = asyncio.ensure_future(reader.read())
    until = time.monotonic() + PATIENCE
    while not ended.done() and not 0 < count < store.chain.number:
        assert time.monotonic() < until
        await asyncio.sleep(0.01)
    with suppress(OSError):  # it is sent away
        await ended if ended.done() else writer.close()
    store.close()


def heard(
    folder: Path, vault: DerivingVault, leaf: Certificate, lines: bytes, senders: str, count: int = 0
) -> tuple[Entry, ...]:
    """Return what a store has kept of what was sent to it: when it has so many lines, or has ended the connection."""
    cfg, kept = folder / "cfg", folder / "kept"
    cfg.mkdir()
    kept.mkdir()
    store = Store(Chain(kept, KEEP), store_files(cfg, vault, senders), port=0)
    asyncio.run(sent(store, vault.certificate(leaf) + vault.key(leaf), lines, count))
    return asked(kept, words=[""]).entries[1:]


@pytest.mark.parametrize("sender", [GATEWAY, SERVER])
def test_the_store_says_whose_a_line_is(tmp_path: Path, vault: DerivingVault, sender: str) -> None:
    """By the certificate and not by what is said; whatever bytes a line has, it is one entry."""
    forged = f'{{"sender": "pg-morpeth.erp"}}\x1b[2J\u202e{chr(0)}"'.encode() + b"\xff\r\n" + b"another\n"

    entries = heard(tmp_path, vault, LEAVES[sender], forged, known(vault, sender), count=2)

    assert {entry.sender for entry in entries} == {sender}
    assert [entry.line[:27] for entry in entries] == ['{"sender": "pg-morpeth.erp"', "another"]


@pytest.mark.parametrize("usages", [("client",), ("server",)])
def test_the_store_hears_senders_alone(tmp_path: Path, vault: DerivingVault, usages: tuple[str, ...]) -> None:
    """Neither a relay, whose certificate is good and who is no sender, nor one that is no client's."""
    relay = Certificate("relay.durham.erp", "relay.durham.erp", (), (), usages)
    assert heard(tmp_path, vault, relay, b"a line\n", known(vault)) == ()


def test_the_store_knows_keys_and_not_names(tmp_path: Path, vault: DerivingVault) -> None:
    """A key that was exchanged sends nothing more under its name."""
    later = DerivingVault({0: b"n" * 32}, "trail", agreed=date(2006, 10, 10), as_of=date.today())
    assert heard(tmp_path, vault, LEAVES[GATEWAY], b"a line\n", known(later)) == ()


def phases() -> Iterator[DerivingVault]:
    """Yield the vaults of an exchange of the authority: two are trusted, the new one signs, it alone is trusted."""
    new = FIRST.next(7)
    for authorities in ((FIRST,), (FIRST, new), (new, FIRST), (new,)):
        masters, day = {0: b"m" * 32, 7: b"n" * 32}, date(2006, 10, 10)
        yield DerivingVault(masters, "trail", agreed=day, as_of=date.today(), authorities=authorities)


async def follows(store: Store) -> dict[str, list[bool]]:
    """Return who is heard after each phase of an exchange: who came before it and stays, comes with the certificate of
    the phase, and comes with one that the first authority has signed."""
    first = next(phases())
    stolen = first.forge(LEAVES[GATEWAY], first.thumbprint(LEAVES[GATEWAY]))
    before: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    heard: dict[str, list[bool]] = {"before": [], "now": [], "stolen": []}
    for vault in phases():
        store_files(store.cfg, vault, known(vault))
        await store.read()
        own = vault.certificate(LEAVES[GATEWAY]) + vault.key(LEAVES[GATEWAY])
        for whose, identity in (("now", own), ("stolen", stolen)):
            heard[whose].append(await is_heard(store, *await dialled(store, identity)))
        before = before or [await dialled(store, own)]
        heard["before"].append(await is_heard(store, *before[0]))
    store.close()
    return heard


async def is_heard(store: Store, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Say a line, and return whether the store has it; else it has ended the connection."""
    count, ended = store.chain.number, asyncio.ensure_future(reader.read())
    with suppress(OSError):
        writer.write(b"a line\n")
    until = time.monotonic() + PATIENCE
    while store.chain.number == count and not ended.done():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)
    if not ended.cancel():
        with suppress(OSError):
            ended.result()
    return store.chain.number > count


def test_the_store_follows_an_exchange_of_the_authority(tmp_path: Path) -> None:
    """Whoever has the certificate of the moment is heard in each phase. With the last the former authority has no word:
    who comes with what it has signed is refused, and who came so before is sent away."""
    (cfg := tmp_path / "cfg").mkdir()
    (kept := tmp_path / "kept").mkdir()

    heard = asyncio.run(follows(Store(Chain(kept, KEEP), cfg, port=0)))

    held = [True, True, True, False]
    assert heard == {"before": held, "now": [True] * 4, "stolen": held}


def test_a_line_without_an_end_is_not_waited_for(tmp_path: Path, vault: DerivingVault) -> None:
    """What is said before it is kept."""
    entries = heard(tmp_path, vault, LEAVES[GATEWAY], b"one\n" + b"x" * (1 << 20), known(vault))
    assert [entry.line for entry in entries] == ["one"]


def test_long_lines_leave_an_answer_that_can_be_read(tmp_path: Path, clock: Clock) -> None:
    """The newest, and how many there are in all."""
    chain = Chain(tmp_path, KEEP, clock)
    for number in range(20):
        chain.add(GATEWAY, f"{number} " + "\N{GRINNING FACE}" * (trail_reader.MOST_TEXT // 10))
    reply = asked(tmp_path, senders=[GATEWAY])
    assert (reply.broken, reply.count) == ("", 20)
    assert [entry.line.split()[0] for entry in reply.entries] == [f"{number}" for number in range(11, 20)]


def test_times_are_to_the_second_and_in_order(tmp_path: Path, clock: Clock) -> None:
    """So that a period can be asked for by comparing texts."""
    filled(tmp_path, clock, days=2)
    reply = asked(tmp_path, senders=[GATEWAY], since="2026-06-02T12:00:00Z", until="2026-06-02T12:00:00Z")
    assert [entry.line for entry in reply.entries] == [f"day 1 line {number}" for number in range(3)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.at) for entry in reply.entries)


def test_one_look_brings_so_many_and_no_more(tmp_path: Path, clock: Clock) -> None:
    """The newest, and how many there are."""
    filled(tmp_path, clock, days=2)
    reply = asked(tmp_path, senders=[GATEWAY], most=2)
    assert ([entry.line for entry in reply.entries], reply.count) == (["day 1 line 1", "day 1 line 2"], 6)
