"""A council leaves with its data: frozen, exported, proved, run alone, and removed when it may be."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from tests.live.helpers.machines import Machine, able
from tests.live.helpers.running import PROJECT, WEARDALE, Place, Run, small, weardale
from tests.live.helpers.secrets_of import secrets_of
from tests.live.helpers.signing_in import Refused, Tenant, binary
from tests.waiting import wait_until

pytestmark = pytest.mark.live

LETTER = b"\x00\xffDear council,\r\n" * 9000
ENGINES = """\
apiVersion: moothall/v1
kind: Engines
spec:
  engines:
    empty: {{endpoint: "{endpoint}", sites: [home]}}
"""
READ = """\
import sys
from pathlib import Path
from tests.live.helpers.running import Place
from tests.live.helpers.signing_in import Tenant
tenant = Tenant(Place(Path(sys.argv[1]), "weardale-alone"), "weardale", "erp")
[found] = tenant.call("model.ir.attachment.search_read", [], 0, None, None, ["data"], {})
print(found["data"]["base64"])
"""
FOREIGN = "a word that only Northumberland has"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Weardale and Northumberland with a tenant each of the ERP; a letter in one, a word in the other."""
    made = small(tmp_path_factory.mktemp("leaving"), "leave")
    _uses(made.councils / "durham.yaml", "{}")
    _uses(made.councils / "northumberland.yaml", "{erp: {modules: {finance: {}}}}")
    weardale(made)
    made.clear()
    try:
        run = made.run("up", "--yes", timeout=1500)
        assert run.code == 0, run
        _attach(Tenant(made, "weardale", "erp"))
        Tenant(made, "northumberland", "erp").create("party.party", name=FOREIGN)
        yield made
    finally:
        made.clear()


def _uses(file: Path, what: str) -> None:
    text = file.read_text()
    file.write_text(f"{text[: text.index('  uses:')]}  uses: {what}\n")


def _attach(tenant: Tenant) -> None:
    party = tenant.create("party.party", name="The bridge over the Wear")
    tenant.create("ir.attachment", name="über/letter.pdf", resource=f"party.party,{party}", data=binary(LETTER))


@pytest.fixture(scope="module")
def export(place: Place) -> Path:
    """An export that is made while people work."""
    folder = place.root / "handed-over"
    run = place.run("decommission", "weardale", "--export", str(folder), "--format", "json")
    assert run.code == 0, run
    assert run.json["summary"] == {"passed": 5, "failed": 0, "could-not-run": 0, "skipped": 0}
    return folder


def _manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def _dump(folder: Path) -> bytes:
    """Return the dump as SQL text."""
    image = docker.from_env().containers.get("mh-leave.erp.morpeth.postgres").image.id
    command = ["docker", "run", "--rm", "-i", "--network", "none", image, "pg_restore", "-f", "-"]
    return subprocess.run(command, input=(folder / "erp/database.dump").read_bytes(), stdout=-1, check=True).stdout


def test_what_was_attached_is_a_file(export: Path) -> None:
    """The letter is there to the byte, and the manifest leads to it."""
    [attachment] = _manifest(export)["tenants"]["erp"]["attachments"]

    assert attachment["name"] == "über/letter.pdf"
    assert (export / attachment["path"]).read_bytes() == LETTER


def test_it_is_the_leavers_alone(place: Place, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of another council's is in it, and no secret of the partnership."""
    dump = _dump(export)
    everything = b"".join(path.read_bytes() for path in export.rglob("*") if path.is_file()) + dump

    assert b"The bridge over the Wear" in dump
    assert FOREIGN.encode() not in everything
    secrets = secrets_of(place, monkeypatch)
    assert len(secrets) > 10
    assert [label for label, secret in secrets.items() if secret in everything] == []


def test_an_export_that_is_killed_leaves_none(place: Place, tmp_path: Path) -> None:
    """It appears when it is whole; the next run makes it, in spite of what the killed one left."""
    folder = tmp_path / "handed-over"
    words = place.command("decommission", "weardale", "--export", str(folder))
    process = subprocess.Popen(words, env=place.environment, stdout=-3, stderr=-3)
    begun = tmp_path / ".handed-over.partial" / "erp"
    wait_until(lambda: begun.exists() or process.poll() is not None, "it exports", pause=0.02)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert not folder.exists()
    run = place.run("decommission", "weardale", "--export", str(folder))
    assert run.code == 0, run
    assert os.listdir(tmp_path) == ["handed-over"]


def test_what_was_changed_is_told(place: Place, export: Path, tmp_path: Path) -> None:
    """A single bit of a file: the rehearsal refuses, and names the file."""
    subprocess.run(["cp", "-r", export, tmp_path / "spoilt"], check=True)
    dump = tmp_path / "spoilt/erp/database.dump"
    data = bytearray(dump.read_bytes())
    data[len(data) // 2] ^= 1
    dump.write_bytes(data)

    run = place.run("decommission", "weardale", "--rehearse", str(tmp_path / "spoilt"))

    assert run.code == 1, run
    assert "erp/database.dump was changed" in run.err


def test_frozen_is_frozen_for_that_tenant_alone(place: Place) -> None:
    """Its users are refused at once and let in again when it is thawed; nobody else notices."""
    tenant = Tenant(place, "weardale", "erp")
    before = place.identities()

    run = place.run("decommission", "weardale", "--freeze", "--yes")

    assert run.code == 0, run
    with pytest.raises(Refused):
        tenant.create("party.party", name="too late")
    with pytest.raises(Refused):
        Tenant(place, "weardale", "erp", seconds=5)
    Tenant(place, "northumberland", "erp").create("party.party", name="as ever")
    thawed = place.run("decommission", "weardale", "--thaw")
    assert thawed.code == 0, thawed
    assert _let_in(place) < 60
    assert place.identities() == before


def _let_in(place: Place) -> float:
    began = time.monotonic()
    while time.monotonic() < began + 60:
        try:
            Tenant(place, "weardale", "erp", seconds=5)
            break
        except Refused:
            time.sleep(0.5)
    return time.monotonic() - began


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[Machine, Path]]:
    """A machine whose engine has nothing, not even an image, and the file that says so."""
    if not able():
        pytest.skip("needs root, dockerd, nsenter and iproute2 for an engine of its own")
    machine = Machine("alone")
    machine.clear()
    machine.make()
    file = tmp_path / "engines.yaml"
    file.write_text(ENGINES.format(endpoint=machine.endpoint))
    yield machine, file
    machine.clear()


def test_it_runs_alone(place: Place, export: Path, empty: tuple[Machine, Path]) -> None:
    """From the export and nothing else on an empty engine, where an earlier attempt was killed; the letter is there."""
    machine, engines = empty
    alone = Place(export.parent / ".handed-over.alone", "weardale-alone")
    words = ["decommission", "weardale", "--rehearse", str(export), "--keep-standing", "--root", "/nowhere"]
    command = [sys.executable, "-m", "moothall", *words, "--engines", str(engines)]
    process = subprocess.Popen(command, env=place.environment, stdout=-3, stderr=subprocess.PIPE, text=True)
    assert any("loading the data" in line for line in process.stderr)
    process.send_signal(signal.SIGKILL)
    process.wait()

    run = subprocess.run(command, env=place.environment, capture_output=True, text=True)

    assert run.returncode == 0, (run.stdout, run.stderr)
    shutil.copy(place.root / "passphrase", alone.root)
    assert base64.b64decode(_letter_on(machine, alone.root)) == LETTER
    left = alone.run("destroy", "--with-data", "--confirm", alone.name, "--engines", str(engines))
    assert left.code == 0, left
    assert machine.client().containers.list(ignore_removed=True, all=True) == []


def _letter_on(machine: Machine, root: Path) -> bytes:
    """Return what somebody who has signed in on a machine gets for the letter, in base64."""
    words = ["nsenter", f"--net=/run/netns/{machine.namespace}", sys.executable, "-c", READ, str(root)]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_data_goes_when_it_may(place: Place) -> None:
    """Not before its time, not without an export of just this, not unconfirmed; then from both servers, for good."""
    folder = place.root / "handed-over-at-last"
    remove = ["decommission", "weardale", "--remove", str(folder)]
    assert "weardale does not leave" in _refused(place, *remove)
    weardale(place, leaves=True)
    assert "is kept until 2026-08-30" in _refused(place, *remove, "--as-of", "2026-08-29")
    assert "still stands" in _refused(place, *remove)
    before = place.identities()
    _good(place.run("up", "--yes"))
    assert place.identities() == {name: one for name, one in before.items() if ".weardale." not in name}
    _no_newcomer_gets_it(place)
    _good(place.run("decommission", "weardale", "--export", str(folder)))

    place.ask("INSERT INTO ir_note (id, resource) VALUES (4711, 'party.party,1')", "weardale")
    assert "ir_note has" in _refused(place, *remove)
    _good(place.run("decommission", "weardale", "--export", str(folder)))
    assert place.run(*remove).code == 5
    _good(place.run(*remove, "--confirm", "weardale"))

    assert _databases(place, "morpeth") == {"northumberland"}
    wait_until(lambda: _databases(place, "durham-dc") == {"northumberland"}, "the mirror hears of it")
    _good(place.run(*remove, "--confirm", "weardale"))
    _good(place.run("verify", "--council", "northumberland"))


def test_a_killed_verify_is_in_nobodys_way(place: Place) -> None:
    """Its probe, on a network that is to go, is removed by the next verb that changes anything."""
    process = subprocess.Popen(place.command("verify"), env=place.environment, stdout=-3, stderr=-3)
    wait_until(
        lambda: any(probe.status == "running" for probe in place.probes()) or process.poll() is not None,
        "it probes",
        pause=0.05,
    )
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert place.probes()
    _good(place.run("destroy", "--yes"))
    assert place.probes() == []
    assert place.containers() == {}


def _no_newcomer_gets_it(place: Place) -> None:
    """Another council under the leaver's name is refused, and neither the data nor the role's password is touched."""
    password = place.ask("SELECT rolpassword FROM pg_authid WHERE rolname = 'weardale'")
    weardale(place, uid="7a0d2c11-5a4e-4f0b-8d43-0c8f8b1c9e57")

    run = place.run("up", "--yes")

    assert run.code == 1, run
    assert f"the database weardale holds the data of another council, with the uid {WEARDALE}" in run.out
    assert password == place.ask("SELECT rolpassword FROM pg_authid WHERE rolname = 'weardale'")
    _good(place.run("destroy", "--council", "weardale", "--yes"))
    weardale(place, leaves=True)


def _refused(place: Place, *words: str) -> str:
    run = place.run(*words)
    assert run.code == 4, run
    assert "No data of weardale was removed" in run.err
    return run.err


def _good(run: Run) -> None:
    assert run.code == 0, run


def _databases(place: Place, site: str) -> set[str]:
    """Return the tenants whose database is at a site, or whose role is."""
    roles = "SELECT rolname FROM pg_roles WHERE rolconnlimit >= 0"
    names = f"SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' UNION {roles}"
    return set(place.ask(names, server=f"erp.{site}").split())
