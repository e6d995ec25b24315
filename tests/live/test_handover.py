"""The trials of a handover: one partnership on one Docker engine, stood up, changed, killed and taken down by the
embedded engine and by the real Pulumi CLI in turn. Neither may lose, repeat or deny what the other did.

The CLI is built from its Go module (`tools/pulumi`); its Docker plug-in is our stand-in, or the real one where
MOOTHALL_REAL_PLUGIN names it.
"""

from __future__ import annotations

import os
import re
import signal
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from tests.live.helpers.by_hand import ByHand
from tests.live.helpers.running import Place, Run, small
from tests.pulumi_cli.real_pulumi import installation
from tests.waiting import wait_until

from moothall.model import filesname

pytestmark = [pytest.mark.live, pytest.mark.incremental]

NOTHING = {"create": 0, "update": 0, "replace": 0, "delete": 0}
BY_PULUMI = ("--engine", "pulumi")
LAST_YEARS = {"MOOTHALL_CERTIFICATES_AS_OF": "2025-06-01"}
PATIENCE = 1500.0
"""Seconds for one run of the CLI on a machine that does much else."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI and its plug-in."""
    folder = tmp_path_factory.mktemp("installed") / "pulumi"
    installation(folder)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Iterator[Place]:
    """A small partnership, nothing of it standing, and the CLI and its plug-in where moothall looks for them."""
    made = small(tmp_path_factory.mktemp("handed-over"), "handed-over")
    made.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOOTHALL_PULUMI", str(installed))
        yield made
    made.clear()


def test_pulumi_goes_on_where_a_killed_up_stopped(place: Place) -> None:
    """The embedded engine is killed when a third is made. Pulumi makes the rest, from the folder of the definitions and
    without a word about where the state is; then neither has anything to do, and nothing has drifted."""
    _killed(place, 12, "up", "--yes", "--wait", "0")

    left_open = place.state / "pulumi" / "a.stack" / "passphrase"  # as an older version that was killed left one
    left_open.parent.mkdir(parents=True)
    left_open.touch()

    _good(place.run("up", "--yes", *BY_PULUMI, timeout=PATIENCE, here=True))

    assert not left_open.exists()

    _good(place.run("verify"))
    _alike_to_both(place)


def test_other_files_by_either(place: Place) -> None:
    """A setting in a file: those two applications are recreated, whoever does it, and their tenant answers."""
    for session, first, second in (("20m", BY_PULUMI, ()), ("25m", (), BY_PULUMI)):
        before = _running(place)
        _set(place, "session", session)

        _good(place.run("up", "--yes", *first, timeout=PATIENCE))

        changed = {name for name, one in _running(place).items() if before.get(name) != one}
        assert {name.rpartition(".")[2] for name in changed} == {"erp-application"}
        assert {name.split(".")[1] for name in changed} == {"durham"}
        assert _changes(place, *second) == NOTHING
    _alike_to_both(place)


def test_a_limit_by_either(place: Place) -> None:
    """Memory is changed in place."""
    before = _running(place)
    for memory, first, second in (("300MiB", BY_PULUMI, ()), ("310MiB", (), BY_PULUMI)):
        _set(place, "memory", memory)
        run = _good(place.run("up", "--yes", "--format", "json", *first, timeout=PATIENCE))
        assert {op: run.json["summary"][op] for op in NOTHING} == NOTHING | {"update": 2}
        assert _running(place) == before
        assert _changes(place, *second) == NOTHING


def test_pulumi_renews_certificates_under_what_runs(place: Place) -> None:
    """Last year's certificates are exchanged: only uploaders are recreated, and the next health check has the new ones
    read. So it is after keys were rotated by the embedded engine, too."""
    _good(place.run("keys", "rotate", "--council", "durham", "--yes"))
    assert _changes(place, *BY_PULUMI) == NOTHING
    _good(place.run("up", "--yes", environment=LAST_YEARS))
    before, old = _running(place), _served(place)

    _good(place.run("up", "--yes", *BY_PULUMI, timeout=PATIENCE))

    assert _running(place) == before
    assert _served(place) == old
    for name, container in place.containers().items():
        if name.endswith("-gateway"):
            code, said = container.exec_run(["alive"])
            assert code == 0, said
    assert _served(place) != old
    _good(place.run("verify"))
    _alike_to_both(place)


def test_a_job_that_fails_is_a_failure_to_both(place: Place) -> None:
    """A module cannot be taken away: whoever runs the job says so, and it is done again when it can be done."""
    file = place.councils / "durham.yaml"
    as_it_was = file.read_text()
    file.write_text(as_it_was.replace("        procurement: {}\n", ""))

    failed = place.run("up", "--yes", *BY_PULUMI, timeout=PATIENCE)
    again = place.run("up", "--yes")

    for run in (failed, again):
        assert run.code == 1, run
        assert "erp-prepare" in run.out, run
        assert "exit code 1" in run.out, run
    file.write_text(as_it_was)
    _good(place.run("up", "--yes", *BY_PULUMI, timeout=PATIENCE))
    _alike_to_both(place)


def test_the_embedded_engine_goes_on_where_a_killed_cli_stopped(place: Place) -> None:
    """Pulumi takes down what another stood up, and keeps its data. Pulumi and all its processes are killed when a part
    stands again; the embedded engine makes the rest. No passphrase is left where the state is."""
    place.ask("CREATE TABLE kept (by text); INSERT INTO kept VALUES ('both')", "durham")
    _good(place.run("destroy", "--yes", *BY_PULUMI, timeout=PATIENCE))
    assert not [name for name in place.containers() if not name.endswith("-files")]

    _killed(place, 8, "up", "--yes", "--wait", "0", *BY_PULUMI)

    secret = (place.root / "passphrase").read_bytes().strip()
    found = [path for path in place.state.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert found == []
    _good(place.run("up", "--yes"))
    _good(place.run("verify"))
    assert place.ask("SELECT by FROM kept", "durham") == "both"
    _alike_to_both(place)


def test_pulumi_by_hand_after_a_failover(place: Place, installed: Path, tmp_path: Path) -> None:
    """Sites that changed their parts are nothing new to Pulumi, in the folder of the program either, looked at or not,
    and looking changes nothing. What a refresh and an `up` by hand write, and make, is nothing new to moothall."""
    _good(place.run("failover", "erp", "--yes"))
    assert _changes(place, *BY_PULUMI) == NOTHING
    by_hand = ByHand(place, installed, tmp_path)
    before, states = place.identities(), _states(place)
    stacks = by_hand.stacks()
    assert {f"{stack}.json" for stack in stacks} == states.keys()

    for stack in stacks:
        by_hand.with_program("preview", "--expect-no-changes", "--stack", stack)
        by_hand.with_program("preview", "--expect-no-changes", "--refresh", "--stack", stack)
        by_hand("refresh", "--preview-only", "--expect-no-changes", "--stack", stack)
    assert (place.identities(), _states(place)) == (before, states)

    _set(place, "memory", "320MiB")
    for stack in stacks:
        by_hand("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack)
        by_hand.with_program("up", "--yes", "--skip-preview", "--stack", stack)
    assert place.identities() == before
    _alike_to_both(place)


def test_pulumi_takes_everything_away(place: Place) -> None:
    """With the data, as nothing but its name in full can ask for."""
    _good(place.run("destroy", "--with-data", "--confirm", place.name, *BY_PULUMI, timeout=PATIENCE))

    assert (place.containers(), place.volumes()) == ({}, {})


def _killed(place: Place, containers: int, *words: str) -> None:
    """Run a verb that is killed, with every process that it started, when so many containers are there."""
    process = subprocess.Popen(
        place.command(*words), env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: len(place.containers()) >= containers or process.poll() is not None)
        assert process.poll() is None
    finally:
        for pid in [process.pid, *_descendants(process.pid)] if process.poll() is None else ():
            os.kill(pid, signal.SIGKILL)
        process.wait()


def _descendants(pid: int) -> list[int]:
    """Return all that a process started, and what these started."""
    children = [int(each) for task in Path(f"/proc/{pid}/task").iterdir() for each in _words(task / "children")]
    return [*children, *(further for child in children for further in _descendants(child))]


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:  # it ended meanwhile
        return []


def _alike_to_both(place: Place) -> None:
    """Neither engine would change anything, both say so of a run that does it, and nothing has drifted."""
    before = place.identities()
    assert _changes(place) == _changes(place, *BY_PULUMI) == NOTHING
    _good(place.run("up", "--yes"))
    assert place.identities() == before
    _good(place.run("drift", "--detailed-exitcode"))


def _states(place: Place) -> dict[str, bytes]:
    """Return the states of all stacks, to the byte."""
    return {file.name: file.read_bytes() for file in (place.state / ".pulumi" / "stacks").rglob("*.json")}


def _running(place: Place) -> dict[str, str]:
    """Return the ids of the containers that are more than an uploader."""
    return {name: one.id for name, one in place.containers().items() if not filesname.owner(name)}


def _served(place: Place) -> str:
    """Return the certificate with which Durham's tenant answers by local access."""
    [port] = docker.from_env().api.port(f"{place.name}.durham.durham-dc.erp-relay", 8443)
    return ssl.get_server_certificate((port["HostIp"], int(port["HostPort"])))


def _set(place: Place, key: str, value: str) -> None:
    """Give one council's tenancy another setting."""
    file = place.councils / "durham.yaml"
    text = re.sub(rf"      {key}: .*\n", "", file.read_text())
    file.write_text(re.sub(r"(    erp:\n)", rf"\1      {key}: {value}\n", text, count=1))


def _good(run: Run) -> Run:
    assert run.code == 0, run
    return run


def _changes(place: Place, *words: str) -> dict[str, int]:
    run = _good(place.run("preview", "--format", "json", *words, timeout=PATIENCE))
    return {op: run.json["summary"][op] for op in NOTHING}
