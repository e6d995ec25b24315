"""Restore through the front door, on a small partnership of its own: files attached in Tryton come back, nobody else's
are touched, a killed restore is done again, and the repository alone is enough."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import docker
import pytest
from docker.models.networks import Network
from tests.live.helpers.people import Person, now
from tests.live.helpers.running import Place, small
from tests.waiting import wait_until

from moothall.docker_engine.errors import OVERLAPS

pytestmark = [pytest.mark.live, pytest.mark.incremental]
_BLIND_AT_FIRST = """
import sys
from moothall.cli import main
from moothall.operations.drill import run as drilling
look, looks = drilling.used_networks, []
drilling.used_networks = lambda engine: looks.append(engine) or (look(engine) if looks[1:] else [])
sys.exit(main())
"""
"""The program, but it does not see at its first look what networks the engine has: they are made right after it."""
LEDGER = b"account;amount\n4000;12.50\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The ERP with its two tenants, up."""
    place = small(tmp_path_factory.mktemp("again"), "again")
    definition = place.councils.parent / "partnership.yaml"
    text = definition.read_text().replace("every: 1h", "every: 2m")
    definition.write_text(text + "      drills: {restore: 90d}\n")
    clear(place)
    try:
        run = place.run("up", "--yes")
        assert run.code == 0, run
        yield place
    finally:
        clear(place)


def clear(place: Place) -> None:
    """Remove everything of the partnership, its drills included."""
    place.clear()
    replace(place, name=f"{place.name}_drill_erp").clear()


def _started(place: Place, *parts: str) -> dict[str, tuple[str, str]]:
    """Return identity and start of the containers with any of these parts in their names."""
    return {name: seen for name, seen in place.identities().items() if any(part in name for part in parts)}


def _unproved(place: Place) -> list[dict[str, object]]:
    """Return what verify finds wrong with the instance; that nobody has drilled it yet is right."""
    results = place.run("verify", "--instance", "erp", "--format", "json").json["results"]
    return [
        found
        for found in results
        if found["status"] not in ("passed", "skipped") and found["id"] != "drill.erp.restore"
    ]


def _proved(place: Place) -> None:
    """Wait until everything is as it should be: waiting applications load for a while."""
    wait_until(lambda: not _unproved(place), lambda: _unproved(place))


def test_one_council_goes_back_alone(place: Place) -> None:
    """A deleted attachment comes back for the council that lost it; what another council did since stays."""
    durham, northumberland = Person(place, "durham"), Person(place, "northumberland")
    ledger = durham.attach("ledger.csv", LEDGER)
    before = now()
    durham.remove(ledger)
    northumberland.attach("minutes.txt", b"agreed")
    others = _started(place, "northumberland", ".erp.")

    seen = place.run("restore", "durham", "--at", before, "--format", "json")
    unconfirmed = place.run("restore", "durham", "--at", before, "--swap")
    assert durham.files() == {}, "comparing changes nothing"
    swapped = place.run("restore", "durham", "--at", before, "--swap", "--confirm", "durham", "--format", "json")

    assert seen.code == 0, seen
    [database] = seen.json["databases"]
    assert database["council"] == "durham"
    assert {"table": "ir_attachment", "live": 0, "copy": 1, "writtenSince": 0} in database["differences"]
    assert seen.json["reached"] < before
    assert unconfirmed.code == 5, unconfirmed
    assert swapped.code == 0, swapped
    assert swapped.json["waiting"] == []
    assert Person(place, "durham").files() == {"ledger.csv": LEDGER}
    assert Person(place, "northumberland").files() == {"minutes.txt": b"agreed"}
    assert _started(place, "northumberland", ".erp.") == others
    assert place.run("preview", "--detailed-exitcode").code == 0


def test_the_copy_of_a_council_holds_nobody_else(place: Place) -> None:
    """In the copy for one council there is no database of anybody else, and no network to reach it by."""
    assert place.run("restore", "durham").code == 0
    copy = docker.from_env().containers.get("mh-again.erp.durham-dc.copy-durham")

    code, said = copy.exec_run(["psql", "-XAtq", "-U", "postgres", "-c", "SELECT datname FROM pg_database"])

    assert (code, set(said.split())) == (0, {b"durham", b"postgres", b"template0", b"template1"})
    assert copy.attrs["HostConfig"]["NetworkMode"] == "none"


def test_of_anothers_time_there_is_no_copy(place: Place) -> None:
    """Where the name was another council's at the moment, the copy is discarded before anybody sees what is in it."""
    own = place.ask("SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = 'durham'")
    place.ask("COMMENT ON ROLE durham IS 'moothall: council of-that-time'")
    before = now()
    place.ask(f"COMMENT ON ROLE durham IS '{own}'")

    run = place.run("restore", "durham", "--at", before)

    assert run.code == 4, run
    assert "durham was the name of another council then, with the uid of-that-time" in run.err
    assert not docker.from_env().containers.list(
        ignore_removed=True, all=True, filters={"label": f"moothall.restore={place.name}"}
    )


def test_a_swap_is_undone_and_forgotten(place: Place) -> None:
    """The state that was set aside goes back in place, and the other one with it until it is forgotten."""
    undone = place.run("restore", "durham", "--undo", "--confirm", "durham")
    assert undone.code == 0, undone
    assert Person(place, "durham").files() == {}

    again = place.run("restore", "durham", "--undo", "--confirm", "durham")
    assert again.code == 0, again
    assert Person(place, "durham").files() == {"ledger.csv": LEDGER}

    forgotten = place.run("restore", "durham", "--forget", "--confirm", "durham", "--format", "json")
    assert forgotten.code == 0, forgotten
    assert len(forgotten.json["forgotten"]) == 1
    nothing = place.run("restore", "durham", "--undo", "--confirm", "durham")
    assert nothing.code == 1, nothing
    assert "no former state" in nothing.err


def test_killed_midway_and_run_again(place: Place) -> None:
    """Killed while the database is carried: people work on, and the same command then does it."""
    words = ("restore", "durham", "--swap", "--confirm", "durham")
    process = subprocess.Popen(
        place.command(*words), env=place.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "carrying" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert Person(place, "durham").files() == {"ledger.csv": LEDGER}

    run = place.run(*words)

    assert run.code == 0, run
    assert Person(place, "durham").files() == {"ledger.csv": LEDGER}


def test_two_at_once(place: Place) -> None:
    """While one restore is at work, another one and `up` on the same stacks are told who is."""
    first = subprocess.Popen(
        place.command("restore", "erp", "--at", now()),
        env=place.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert first.stderr is not None
    first.stderr.readline()

    second = place.run("restore", "durham")

    assert second.code == 5, second
    assert str(first.pid) in second.err
    first.communicate()
    assert first.returncode == 0


def test_an_instance_goes_back_with_its_mirror_and_forth_again(place: Place) -> None:
    """All tenants are as they were at the moment, the mirror follows that, and what was set aside comes back."""
    durham, northumberland = Person(place, "durham"), Person(place, "northumberland")
    before = now()
    durham.attach("afterwards.txt", b"written after the moment")
    northumberland.attach("afterwards.txt", b"by both")

    swapped = place.run("restore", "erp", "--at", before, "--swap", "--confirm", "erp", "--format", "json")

    assert swapped.code == 0, swapped
    assert Person(place, "durham").files() == {"ledger.csv": LEDGER}
    assert Person(place, "northumberland").files() == {"minutes.txt": b"agreed"}
    _proved(place)
    assert place.run("preview", "--detailed-exitcode").code == 0

    undone = place.run("restore", "erp", "--undo", "--confirm", "erp")

    assert undone.code == 0, undone
    assert Person(place, "durham").files()["afterwards.txt"] == b"written after the moment"
    assert Person(place, "northumberland").files()["afterwards.txt"] == b"by both"
    newest = place.run("restore", "erp", "--format", "json")
    assert newest.code == 0, newest
    wrong = [each for database in newest.json["databases"] for each in database["differences"]]
    assert not [each for each in wrong if each["table"] == "ir_attachment"], "the way that was left is not the newest"
    _proved(place)
    assert place.run("restore", "erp", "--forget", "--confirm", "erp").code == 0
    for person in ("durham", "northumberland"):
        again = Person(place, person)
        again.remove(again.attachment("afterwards.txt"))


def test_the_repository_alone_is_enough(place: Place) -> None:
    """Both servers gone with their data: new ones make no empty cluster, and the backups bring everything back."""
    Person(place, "durham").attach("last.txt", b"the last thing anybody did")
    assert place.run("restore", "erp").code == 0, "which sends what is committed to the repository"
    client = docker.from_env()
    for name in [name for name in place.containers() if name.endswith((".postgres", ".agent"))]:
        client.containers.get(name).remove(force=True, v=True)
    for site in ("morpeth", "durham-dc"):
        client.volumes.get(f"mh-again.erp.{site}.data").remove()

    emptied = place.run("up", "--yes", "--wait", "5")
    restored = place.run("restore", "erp", "--swap", "--confirm", "erp", "--format", "json")
    run = place.run("up", "--yes")

    assert emptied.code == 1, "nobody can log in yet"
    said = docker.from_env().containers.get("mh-again.erp.morpeth.postgres").logs()
    assert b"bring it back with moothall restore" in said
    assert restored.code == 0, restored
    assert run.code == 0, run
    assert Person(place, "durham").files()["last.txt"] == b"the last thing anybody did"
    assert Person(place, "northumberland").files() == {"minutes.txt": b"agreed"}
    _proved(place)


def test_a_moment_before_all_backups_is_refused(place: Place) -> None:
    """Nothing reaches back that far, and nothing is left behind."""
    run = place.run("restore", "durham", "--at", "2007-03-31T09:00")

    assert run.code == 64, run
    assert "no backup from before 2007-03-31" in run.err
    assert not docker.from_env().containers.list(ignore_removed=True, all=True, filters={"name": "copy-durham"})


def test_backups_are_made_by_themselves(place: Place) -> None:
    """The repository has made incremental backups since; what is due, and overdue, it reads from what it holds."""
    repository = docker.from_env().containers.get("mh-again.erp.durham-dc.repository")

    def said(program: str, every: int, full_every: int) -> tuple[int, str]:
        words = f". /usr/local/lib/moothall/backups.sh; {program}"
        times = {"BACKUP_EVERY_SECONDS": str(every), "FULL_EVERY_SECONDS": str(full_every)}
        code, out = repository.exec_run(["bash", "-c", words], environment=times)
        return code, out.decode().strip()

    wait_until(lambda: "incr" in said("backups", 1, 1)[1], lambda: said("backups", 1, 1), pause=1)

    assert said("due", 1, 100_000) == (0, "incr")
    assert said("due", 100_000, 1) == (0, "full")
    assert said("due", 100_000, 100_000) == (0, "")
    assert said("repository-ready", 100_000, 100_000) == (0, "")
    assert said("overdue", -100_000, 100_000)[1].startswith("the newest backup of erp is")
    assert said("repository-ready", 100_000, -100_000)[0] == 1


def test_a_restore_is_drilled_in_isolation(place: Place) -> None:
    """Done for real beside what runs, which is not touched; measured, written down, and cleared away.

    Somebody takes a network that the drill has chosen before it is made.
    """
    before = place.identities()
    due = place.run("calendar", "--format", "json").json

    Person(place, "durham").attach("before-the-drill.txt", b"something that the backups have to have")
    with _first_network_taken():
        run = place.run("drill", "restore", "erp", "--format", "json", timeout=1800, program=("-c", _BLIND_AT_FIRST))

    assert run.code == 0, run
    assert run.err.count(f"clearing {place.name}_drill_erp") == 2, run
    assert any("the restore of erp is drilled for the first time" in event["what"] for event in due["events"])
    assert 0 < run.json["measured"]["recoveryTimeSeconds"] <= run.json["agreed"]["recoveryTimeSeconds"]
    passed = {result["id"] for result in run.json["results"] if result["status"] == "passed"}
    assert {"login.durham.erp", "login.northumberland.erp", "data.durham.erp", "recovery-point.erp"} <= passed
    assert place.identities() == before
    assert _left_of_drills(place) == []
    assert {path.suffix for path in (place.root / "evidence").iterdir()} == {".json", ".xml", ".md"}
    [done] = [r for r in place.run("verify", "--format", "json").json["results"] if r["id"] == "drill.erp.restore"]
    assert done["status"] == "passed", done


def test_what_a_killed_drill_left_is_cleared_by_the_next(place: Place) -> None:
    """Killed when its copy stands: the next one clears that away, and says how old what the backups lack is."""
    words = ("drill", "restore", "durham", "--evidence", str(place.root / "elsewhere"))
    process = subprocess.Popen(
        place.command(*words),
        env=place.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "restoring" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert _left_of_drills(place)

    repository = docker.from_env().containers.get("mh-again.erp.durham-dc.repository")
    repository.stop(timeout=5)
    Person(place, "durham").attach("too-late.txt", b"what never reached the repository")

    again = place.run(*words, "--format", "json", timeout=1800)

    repository.start()
    lost, agreed = again.json["measured"]["recoveryPointSeconds"], again.json["agreed"]["recoveryPointSeconds"]
    assert lost > 0
    assert again.code == (0 if lost <= agreed else 1), again
    assert _left_of_drills(place) == []


@contextmanager
def _first_network_taken() -> Iterator[None]:
    """Take the first network that a drill would choose; where a drill of somebody else has it, after that one's end."""
    client, taken = docker.from_env(), []
    wait_until(lambda: taken.append(_taken(client)) or taken[-1], client.networks.list)
    try:
        yield
    finally:
        taken[-1].remove()


def _taken(client: docker.DockerClient) -> Network | None:
    pool = docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet="10.0.0.0/16")])
    try:
        return client.networks.create("mh-again-taken", ipam=pool)
    except docker.errors.APIError as error:
        assert any(words in str(error) for words in OVERLAPS), error
        return None


def _left_of_drills(place: Place) -> list[str]:
    """Return the names of what carries the name of a drill's copy."""
    client = docker.from_env()
    label = {"label": f"moothall.partnership={place.name}_drill_erp"}
    found = [
        *client.containers.list(ignore_removed=True, all=True, filters=label),
        *client.networks.list(filters=label),
    ]
    return [each.name for each in [*found, *client.volumes.list(filters=label)]]
