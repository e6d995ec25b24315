"""Keys exchanged under running tenants: whoever is concerned follows, nobody else notices, nothing is lost."""

from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.attack.doors import WELCOME, identities, let_in
from tests.attack.held import held, holding
from tests.keys.keyrings import cipher
from tests.live.helpers.people import Person, now
from tests.live.helpers.running import Place
from tests.live.helpers.users import Users
from tests.waiting import wait_until

from moothall.keys.keyring import open_keyring, write_keyring
from moothall.keys.keyring_file import salt_line

pytestmark = pytest.mark.live


def roles(place: Place) -> dict[str, str]:
    """What the server keeps of each tenant's password, by role."""
    database = place.containers()["mh-rotated.erp.morpeth.postgres"]
    query = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN ('durham', 'northumberland')"
    code, out = database.exec_run(["psql", "-U", "postgres", "-h", "/run/postgresql", "-Atc", query])
    assert code == 0, out
    return dict(line.split("|") for line in out.decode().split())


def sign_in(place: Place, council: str) -> str:
    """How to sign in to a tenant."""
    return place.run("credentials", council, "erp").out


def assert_good(place: Place) -> None:
    """Everybody can log in, mirrors stream, backups are good."""
    run = place.run("verify")
    assert run.code == 0, run


def assert_proved(place: Place) -> None:
    """Everything is good; nothing is left to do, and nothing has drifted."""
    assert_good(place)
    run = place.run("preview", "--detailed-exitcode")
    assert run.code == 0, run
    run = place.run("drift", "--detailed-exitcode")
    assert run.code == 0, run


def test_one_councils_keys(place: Place) -> None:
    """Its containers alone are made again, its password alone is another; its neighbour and the servers run on.

    Who has come in with its former password is in no more; who has with the neighbour's works on.
    """
    before, hashes, volumes = place.identities(), roles(place), place.own_volumes()
    ours, theirs = sign_in(place, "durham"), sign_in(place, "northumberland")

    with held(place, {}, ("durham", "northumberland")):
        run = place.run("keys", "rotate", "--council", "durham", "--yes")

        assert run.code == 0, run
        wait_until(lambda: "durham" not in holding(place), "the session of the former password is ended")
        assert holding(place) == {"northumberland"}
    after = place.identities()
    changed = {name for name in before if after[name] != before[name]}
    assert changed
    assert {name.split(".")[1] for name in changed} == {"durham"}
    assert roles(place)["durham"] != hashes["durham"]
    assert roles(place)["northumberland"] == hashes["northumberland"]
    assert sign_in(place, "durham") != ours
    assert sign_in(place, "northumberland") == theirs
    assert volumes.items() <= place.own_volumes().items()
    assert_proved(place)


def test_all_keys_of_a_partnership(place: Place) -> None:
    """Everybody's are others; the data is the same, and the backups are readable. Stolen certificates open nothing.

    Neither at the servers nor at the backup services, which go on in the containers that they had. Who has come in with
    them before is in no more.
    """
    hashes, volumes = roles(place), place.own_volumes()
    stolen, before = identities(place), place.identities()
    assert let_in(place, stolen) == WELCOME

    refused = place.run("keys", "rotate", "--partnership", place.name)
    with held(place, stolen, ("durham", "northumberland")):
        run = place.run("keys", "rotate", "--partnership", place.name, "--yes")
        assert run.code == 0, run
        wait_until(lambda: not holding(place), lambda: holding(place))

    assert refused.code == 5, refused
    assert all(roles(place)[role] != hashes[role] for role in hashes)
    assert volumes.items() <= place.own_volumes().items()
    assert let_in(place, stolen) == set()
    assert let_in(place, identities(place)) == WELCOME
    own = [name for name in before if name.split(".")[1] == "erp" and "-files" not in name]
    assert {name: place.identities()[name] for name in own} == {name: before[name] for name in own}
    assert_good(place)


def kill_at(place: Place, stage: str, *words: str) -> None:
    """Run a command and kill it when it says that it has come to a stage."""
    running = subprocess.Popen(
        place.command(*words), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=place.environment
    )
    assert running.stderr
    said = []
    for line in running.stderr:
        said.append(line)
        if stage in line:
            running.kill()
            break
    running.wait()
    assert running.returncode == -signal.SIGKILL, said


def authorities(place: Place) -> list[str]:
    """Return the authorities that browsers and machines are to trust."""
    run = place.run("credentials", "durham", "erp", "--format", "json")
    return re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", run.json["authority"], re.DOTALL)


@pytest.fixture(scope="module")
def before(place: Place) -> str:
    """A moment between two files that somebody attached, before the exchange."""
    person = Person(place, "durham")
    person.attach("before.txt", b"before")
    moment = now()
    person.attach("after.txt", b"after")
    return moment


def test_a_master_key_is_exchanged_under_users(place: Place, before: str) -> None:
    """New keys at once; then the authority, in place: nobody's login fails, no container is another, and an exchange
    that was killed goes on with `up`. What was stolen before opens nothing."""
    hashes, volumes, stolen = roles(place), place.own_volumes(), identities(place)
    [old] = authorities(place)

    kill_at(place, "certificates of the new one are handed out", "keys", "rotate", "--master", "--yes")

    assert all(roles(place)[role] != hashes[role] for role in hashes)
    assert let_in(place, stolen) == set()
    assert len(both := authorities(place)) == 2
    assert_good(place)
    keyring = place.state / "keyring" / f"{place.name}.json"
    middle, twice = keyring.read_bytes(), place.run("keys", "rotate", "--master", "--yes")
    assert (twice.code, "being exchanged already" in twice.err) == (1, True), twice
    before, users = place.identities(), Users(place)

    run = place.run("up", "--yes")
    users.end()

    assert run.code == 0, run
    assert users.failures[:3] == []
    assert users.succeeded >= 4
    assert place.identities() == before
    assert authorities(place) == [each for each in both if each != old]
    assert volumes.items() <= place.own_volumes().items()
    in_use = identities(place)
    assert {files["ca.crt"] for files in in_use.values()}.isdisjoint(files["ca.crt"] for files in stolen.values())
    assert {files["ca.crt"].count(b"BEGIN CERTIFICATE") for files in in_use.values()} == {1}
    assert let_in(place, in_use) == WELCOME
    assert_proved(place)

    keyring.write_bytes(middle)  # by who can write the state; somebody else goes on, who has seen no newer one
    again = place.run("up", "--yes", environment={"XDG_CONFIG_HOME": str(place.root / "another-home")})
    assert again.code == 0, again
    assert authorities(place) == [each for each in both if each != old]
    assert place.identities() == before


def repositories(place: Place) -> set[str]:
    """Return the folders in the volume of the backups."""
    target = place.containers()["mh-rotated.erp.durham-dc.repository"]
    code, out = target.exec_run(["ls", "/backup"])
    assert code == 0, out
    return set(out.decode().split())


def test_a_moment_before_the_exchange_is_restored(place: Place, before: str) -> None:
    """Its backup is in the former repository, under the former cipher, and its log goes on in the new one: in the place
    of what runs, and back. Whoever logs in does so with the password in use, and with none of before."""
    assert repositories(place) == {"archive", "backup", "generation-2"}
    assert set(Person(place, "durham").files()) == {"before.txt", "after.txt"}

    swapped = place.run("restore", "erp", "--at", before, "--swap", "--confirm", "erp", "--format", "json")
    assert swapped.code == 0, swapped
    assert swapped.json["reached"] < before
    assert set(Person(place, "durham").files()) == {"before.txt"}
    undone = place.run("restore", "erp", "--undo", "--confirm", "erp")
    assert undone.code == 0, undone
    assert set(Person(place, "durham").files()) == {"before.txt", "after.txt"}
    assert place.run("restore", "erp", "--forget", "--confirm", "erp").code == 0


def test_the_former_repository_goes_when_its_time_is_over(place: Place) -> None:
    """With it go its cipher and the master key that it derived from; backups and restores go on."""
    text = (place.root / "passphrase").read_text().strip()
    keyring = open_keyring(place.state, place.name, cipher(text), create=False)
    former = tuple(each._replace(until=1) for each in keyring.versions.former)
    aged = replace(keyring, versions=replace(keyring.versions, former=former))
    write_keyring(place.state, aged, cipher(text)(salt_line(place.state, place.name)))

    run = place.run("up", "--yes")

    assert run.code == 0, run
    assert repositories(place) == {"generation-2"}
    left = open_keyring(place.state, place.name, cipher(text), create=False)
    assert (left.versions.former, list(left.masters.values())) == ((), [keyring.master])
    newest = place.run("restore", "erp", "--format", "json")
    assert newest.code == 0, newest
    assert place.run("restore", "erp", "--forget", "--confirm", "erp").code == 0


def test_a_leak_is_drilled(place: Place) -> None:
    """What was stolen was let in at every door, and is at none when everything was exchanged; it is written down."""
    run = place.run("drill", "leak", place.name, "--live", "--confirm", place.name, "--format", "json", timeout=1200)

    assert run.code == 0, run
    assert {result["status"] for result in run.json["results"]} == {"passed"}
    assert run.json["leak"]["open"] == 0
    # The keyring twice, 8 at gateways, 2 logins, 12 at servers, 12 at the store, 12 at backup services, and a cipher.
    assert run.json["leak"]["doors"] == len(run.json["results"]) == 49
    stores = [result for result in run.json["results"] if result["id"].startswith(f"{place.name}.consett.logs.")]
    assert len(stores) == 12  # two servers and four gateways, each with what was stolen and with what was forged
    assert run.json["leak"]["seconds"] > 0
    page = next(Path(file) for file in run.json["evidence"] if file.endswith(".md")).read_text()
    assert f"0 of {run.json['leak']['doors']} doors are open to what was stolen" in page


def test_another_passphrase(place: Place) -> None:
    """Nothing that runs is touched; the old passphrase opens nothing, with the new one everything is as it was."""
    before, passphrase = place.identities(), place.root / "passphrase"
    new: Path = place.root / "new-passphrase"
    new.write_text("quite another passphrase\n")
    new.chmod(0o600)

    run = place.run("keys", "rotate", "--passphrase", "--new-passphrase-file", str(new), "--yes")

    assert run.code == 0, run
    old = place.run("preview")
    assert (old.code, "passphrase" in old.err) == (1, True), old
    new.rename(passphrase)
    assert_proved(place)
    assert place.identities() == before


def test_whose_keys(place: Place) -> None:
    """Without a council or partnership nothing is exchanged."""
    run = place.run("keys", "rotate", "--yes")

    assert run.code == 64, run
    assert "keys rotate --council NAME" in run.err
