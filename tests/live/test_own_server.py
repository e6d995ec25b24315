"""A council gets a server of its own, works there, and comes back with its data; its neighbour notices nothing."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import docker
import pytest
from tests.live.helpers.calling import Caller
from tests.live.helpers.people import Person, now
from tests.live.helpers.running import Place, remove, small
from tests.waiting import wait_until

pytestmark = [pytest.mark.live, pytest.mark.incremental]

NEIGHBOUR, TENANT, SERVER = "northumberland", "durham", "erp--durham"
LEDGER, LETTER, REPLY = b"account;amount\n4000;12.50\n", b"written on its own server", b"at its other site"
DEDICATED = "    erp:\n      dedicated: true\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The ERP with two tenants on its one server, whose logs are gathered at the site between its two."""
    made = small(tmp_path_factory.mktemp("own"), "own")
    file = made.councils.parent / "partnership.yaml"
    file.write_text(f"{file.read_text().rstrip()}\n\n  logs: {{site: consett, keep: 30d}}\n")
    for council in (NEIGHBOUR, TENANT):
        _write(made, council, "    erp:\n")
    clear(made)
    try:
        run = made.run("up", "--yes", timeout=1500)
        assert run.code == 0, run
        Person(made, TENANT).attach("ledger.csv", LEDGER)
        Person(made, NEIGHBOUR).attach("minutes.txt", b"agreed")
        yield made
    finally:
        clear(made)


def clear(place: Place) -> None:
    """Remove everything of the partnership, copies beside included: they hold on to its volumes."""
    client, drill = docker.from_env(), replace(place, name=f"{place.name}_drill_{SERVER}")
    for name in (place.name, drill.name):
        label = {"label": f"moothall.restore={name}"}
        remove(client.containers.list(ignore_removed=True, all=True, filters=label))
    place.clear()
    drill.clear()
    for volume in client.volumes.list(filters={"label": f"moothall.restore={place.name}"}):
        volume.remove(force=True)


def _write(place: Place, council: str, use: str) -> None:
    """Have a council's file say that it uses the ERP, with finance."""
    file = place.councils / f"{council}.yaml"
    text = file.read_text()
    file.write_text(f"{text[: text.index('  uses:')]}  uses:\n{use}      modules: {{finance: {{}}}}\n")


def _neighbours(place: Place) -> dict[str, tuple[str, str]]:
    """Return identity and start of every container that is not the tenant's or its server's."""
    found = place.identities().items()
    return {name: seen for name, seen in found if f".{TENANT}." not in name and f".{SERVER}." not in name}


@contextmanager
def neighbour_at_work(place: Place, folder: Path) -> Iterator[None]:
    """Have the neighbour log in without pause meanwhile; each login works, and nothing of it is made anew."""
    before = _neighbours(place)
    with Caller(place, NEIGHBOUR, folder) as caller:
        caller.keep_logging_in(0.2)
        wait_until(lambda: len(caller.calls()) > 2, caller.calls)
        yield
        calls = caller.stop()
    assert [call for call in calls if call.wrong] == []
    assert len(calls) > 20
    assert _neighbours(place) == before
    assert Person(place, NEIGHBOUR).files() == {"minutes.txt": b"agreed"}


def _unproved(place: Place) -> list[dict[str, object]]:
    """Return what verify finds wrong."""
    results = place.run("verify", "--format", "json").json["results"]
    return [found for found in results if found["status"] not in ("passed", "skipped")]


def _proved(place: Place) -> None:
    """Wait until everything is as it should be: waiting applications load for a while."""
    wait_until(lambda: not _unproved(place), lambda: _unproved(place))


def test_up_refuses_to_make_a_second_database(place: Place) -> None:
    """The file asks for a server, `validate --fix` writes its networks, and `up` says what goes on."""
    _write(place, TENANT, DEDICATED)
    found = place.run("validate")
    assert found.code == 3, found
    assert "dedicated-without-network" in found.out
    fixed = place.run("validate", "--fix")
    assert fixed.code == 0, fixed
    before = place.identities()

    run = place.run("up", "--yes")

    assert run.code == 4, run
    assert f"moothall tenant move {TENANT} erp" in run.err
    assert place.identities() == before


def test_it_moves_and_nobody_else_notices(place: Place, tmp_path: Path) -> None:
    """Its data is there, it is interrupted for a while that is told, and its neighbour never."""
    with neighbour_at_work(place, tmp_path / "caller"):
        moved = place.run("tenant", "move", TENANT, "erp", "--yes", "--format", "json", timeout=1500)

    assert moved.code == 0, moved
    said = moved.json
    assert (said["outcome"], said["server"], said["former"], said["waiting"]) == ("moved", SERVER, "erp", [])
    assert 0 < said["interruptionSeconds"] < 300
    assert Person(place, TENANT).files() == {"ledger.csv": LEDGER}
    assert place.ask("SELECT datname FROM pg_database WHERE datname ~ '^durham'") == said["kept"][0]
    assert place.ask("SELECT count(*) FROM pg_database WHERE datname = 'durham'", server=f"{SERVER}.morpeth") == "1"
    assert place.run("preview", "--detailed-exitcode").code == 0
    _proved(place)
    isolated = place.run("verify", "--isolation", timeout=900)
    assert isolated.code == 0, isolated


def test_its_lines_are_gathered(place: Place) -> None:
    """Of both of its servers, and of its gateways under the name of the instance; of nobody else."""
    run = place.run("trail", TENANT, "--since", "1h", "--most", "10000", "--format", "json")
    assert run.code == 0, run
    lines = [(line["sender"], json.loads(line["line"])) for line in run.json["lines"]]

    served = {sender for sender, said in lines if said.get("user") == "durham" and said.get("dbname") == "durham"}
    assert served >= {"pg-morpeth.erp", f"pg-morpeth.{SERVER}"}
    requests = [said for sender, said in lines if sender.startswith("gateway.")]
    assert {(said["council"], said["instance"]) for said in requests} == {(TENANT, "erp")}


def test_it_fails_over_alone(place: Place, tmp_path: Path) -> None:
    """Its own server changes sites and comes home, with what was written, and the shared one stays where it is."""
    with neighbour_at_work(place, tmp_path / "caller"):
        there = place.run("failover", SERVER, "--yes", "--format", "json")
        assert there.code == 0, there
        Person(place, TENANT).attach("reply.txt", REPLY)
        home = place.run("failback", SERVER, "--yes", "--format", "json")
        assert home.code == 0, home

    assert Person(place, TENANT).files() == {"ledger.csv": LEDGER, "reply.txt": REPLY}
    _proved(place)


def test_it_is_restored_from_its_own_backups(place: Place) -> None:
    """What its people deleted comes back from its own repository, through both changes of its site."""
    durham = Person(place, TENANT)
    letter = durham.attach("letter.txt", LETTER)
    before = now()
    durham.remove(letter)

    restored = place.run("restore", TENANT, "--at", before, "--swap", "--confirm", TENANT, "--format", "json")

    assert restored.code == 0, restored
    assert restored.json["instance"] == SERVER
    assert Person(place, TENANT).files() == {"ledger.csv": LEDGER, "letter.txt": LETTER, "reply.txt": REPLY}, restored
    forgotten = place.run("restore", TENANT, "--forget", "--confirm", TENANT)
    assert forgotten.code == 0, forgotten
    _proved(place)


def test_its_restore_is_drilled(place: Place) -> None:
    """The drill of its server is of that alone, in an isolated copy, and its people log in there."""
    drilled = place.run("drill", "restore", SERVER, "--evidence", str(place.root / "evidence"), timeout=1500)

    assert drilled.code == 0, drilled


def test_killed_on_the_way_back_it_goes_on(place: Place, tmp_path: Path) -> None:
    """The file as it was, a move that is killed while it carries, and the same command once more."""
    _write(place, TENANT, "    erp:\n")
    assert place.run("up", "--yes").code == 4
    words = place.command("tenant", "move", TENANT, "erp", "--yes")
    beside = "SELECT count(*) FROM pg_database WHERE datname = 'durham.moved'"
    with neighbour_at_work(place, tmp_path / "caller"):
        process = subprocess.Popen(words, env=place.environment, stdout=-3, stderr=-3)
        wait_until(lambda: place.ask(beside) == "1", process.poll)
        process.send_signal(signal.SIGKILL)
        process.wait()
        moved = place.run("tenant", "move", TENANT, "erp", "--yes", "--format", "json", timeout=1500)

    assert moved.code == 0, moved
    assert (moved.json["outcome"], moved.json["server"], moved.json["former"]) == ("moved", "erp", SERVER)
    assert Person(place, TENANT).files() == {"ledger.csv": LEDGER, "letter.txt": LETTER, "reply.txt": REPLY}
    assert place.ask("SELECT count(*) FROM pg_database WHERE datname = 'durham.moved'") == "0"


def test_forgotten_its_server_is_gone(place: Place) -> None:
    """What the moves have left is removed by name, and all that stands is as planned."""
    assert place.run("tenant", "move", TENANT, "erp", "--forget").code == 5

    forgotten = place.run("tenant", "move", TENANT, "erp", "--forget", "--confirm", TENANT, "--format", "json")

    assert forgotten.code == 0, forgotten
    assert not [name for name in {*place.containers(), *place.volumes()} if f".{SERVER}." in name]
    assert Person(place, TENANT).files() == {"ledger.csv": LEDGER, "letter.txt": LETTER, "reply.txt": REPLY}
    assert place.run("preview", "--detailed-exitcode").code == 0
    _proved(place)
