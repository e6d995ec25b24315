"""The whole partnership on three engines that nothing but the links joins: same definitions, same verbs.

The engines of morpeth, consett and durham-dc stand in network namespaces of their own (see `machines`). There is no way
between morpeth and durham-dc but through what consett forwards. MOOTHALL_APART=whole takes the whole partnership, else
the ERP alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from tests.live.helpers.machines import ELSEWHERE, Machine, able, join
from tests.live.helpers.running import Place, small, whole

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not able(), reason="needs root, dockerd, nsenter and iproute2 for engines of its own"),
]

SMALL = os.environ.get("MOOTHALL_APART") != "whole"
SITES = ("morpeth", "consett", "durham-dc")
# From the range that RFC 2544 keeps for tests of networks: no place of ours is outside of 10.0.0.0/8.
LINKS = {
    "morpeth": {"link-consett-morpeth": "198.18.1.1"},
    "consett": {"link-consett-morpeth": "198.18.1.2", "link-consett-durham-dc": "198.18.2.1"},
    "durham-dc": {"link-consett-durham-dc": "198.18.2.2"},
}


@dataclass(frozen=True)
class Apart:
    """The partnership and the machines that it stands on; each is reached by an address that can be led elsewhere."""

    place: Place
    machines: Mapping[str, Machine]

    def door(self, site: str) -> Path:
        """Return the address of a site's engine, which leads to its socket."""
        return self.place.root / f"{site}.sock"

    def lead(self, site: str, to: str) -> None:
        """Have the address of a site's engine answered by the engine of another site."""
        self.door(site).unlink(missing_ok=True)
        self.door(site).symlink_to(self.machines[to].socket)

    def map(self) -> None:
        """Write `stacks/engines.yaml`."""
        engines = "".join(
            f"    {site}:\n      endpoint: unix://{self.door(site)}\n      sites: [{site}]\n      links: "
            + "{"
            + ", ".join(f"{link}: {address}" for link, address in LINKS[site].items())
            + "}\n"
            for site in SITES
        )
        folder = self.place.root / "stacks"
        folder.mkdir()
        (folder / "engines.yaml").write_text(f"apiVersion: moothall/v1\nkind: Engines\nspec:\n  engines:\n{engines}")

    def containers(self, site: str) -> dict[str, tuple[str, str]]:
        """Return ID and start time of every container at a site, by name."""
        found = self.machines[site].client().containers.list(ignore_removed=True, all=True)
        return {each.name: (each.id, each.attrs["State"]["StartedAt"]) for each in found}

    def checkpoints(self, site: str) -> dict[str, bytes]:
        """Return the state of every stack at a site."""
        folder = self.place.state / ".pulumi" / "stacks" / "moothall"
        return {path.name: path.read_bytes() for path in folder.glob(f"*.{site}.json")}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """The partnership, up on three engines that had no image and nothing else."""
    root = tmp_path_factory.mktemp("apart")
    place = small(root, "apart") if SMALL else whole(root, "apart")
    found = Apart(place, {site: Machine(site) for site in SITES})
    try:
        for machine in found.machines.values():
            machine.clear()
            machine.make()
        join(found.machines["morpeth"], "198.18.1.1", found.machines["consett"], "198.18.1.2")
        join(found.machines["consett"], "198.18.2.1", found.machines["durham-dc"], "198.18.2.2")
        for site in SITES:
            found.lead(site, site)
        found.map()
        run = found.place.run("up", "--yes", "--format", "json", timeout=1500)
        assert run.code == 0, f"{run.code}\n{run.err}"
        yield found
    finally:
        for machine in found.machines.values():
            machine.clear()


def test_machines_are_joined_by_links_alone(apart: Apart) -> None:
    """Neither end reaches the other: what follows is proved over what stands at consett."""
    for one, address in (("morpeth", "198.18.2.2"), ("durham-dc", "198.18.1.1")):
        words = ["ip", "-n", apart.machines[one].namespace, "route", "get", address]
        assert subprocess.run(words, capture_output=True, check=False).returncode != 0
    assert set(apart.containers("morpeth")).isdisjoint(apart.containers("durham-dc"))


def test_second_preview_is_empty(apart: Apart) -> None:
    """Nothing changes, and a second up touches no container of any engine."""
    before = {site: apart.containers(site) for site in SITES}

    preview = apart.place.run("preview", "--detailed-exitcode")
    up = apart.place.run("up", "--yes")

    assert (preview.code, up.code) == (0, 0), (preview, up)
    assert {site: apart.containers(site) for site in SITES} == before


def test_everything_is_proved(apart: Apart) -> None:
    """Logins, modules, isolation, mirrors and backups, across engines."""
    run = apart.place.run("verify", "--format", "json")

    assert run.code == 0, run
    assert run.json["summary"]["failed"] == run.json["summary"]["could-not-run"] == 0
    passed = {result["id"] for result in run.json["results"] if result["status"] == "passed"}
    wanted = {"login.durham.erp", "login.northumberland.erp", "isolation.durham", "mirror.erp", "backup.erp"}
    districts = {"login.teesdale.crm", "login.derwentside.crm", "mirror.crm", "backup.crm", "isolation.derwentside"}
    assert wanted | (set() if SMALL else districts) <= passed


def test_ports_are_open_on_links_alone(apart: Apart) -> None:
    """Whatever is published is so on the machine's address on a link, or on a loopback address."""
    for site in SITES:
        published = {
            place["HostIp"]
            for container in apart.machines[site].client().containers.list()
            for places in container.attrs["NetworkSettings"]["Ports"].values()
            for place in places or ()
        }
        assert {address for address in published if not address.startswith("127.")} == set(LINKS[site].values())


def test_another_engine_at_the_address_is_refused(apart: Apart) -> None:
    """The engine of consett answers for morpeth: nothing is looked for there, nothing is made there."""
    before = {site: apart.containers(site) for site in SITES}
    apart.lead("morpeth", "consett")
    try:
        runs = [apart.place.run(*words) for words in (["preview"], ["up", "--yes"], ["destroy", "--yes"], ["verify"])]
    finally:
        apart.lead("morpeth", "morpeth")

    assert [run.code for run in runs] == [4, 4, 4, 4], runs
    advice = "moothall up --partnership mh-apart --accept-engine morpeth  # only when"
    assert all(advice in run.err for run in runs), runs
    assert {site: apart.containers(site) for site in SITES} == before


def test_an_engine_that_is_silent_stops_no_other(apart: Apart) -> None:
    """Durham's engine is killed: its stacks could not run, nothing of them changes, and Morpeth's are mended."""
    name = "mh-apart.northumberland.morpeth.erp-relay"
    checkpoints, standing = apart.checkpoints("durham-dc"), set(apart.containers("durham-dc"))
    assert len(checkpoints) > 3
    apart.machines["durham-dc"].kill()
    apart.machines["morpeth"].client().containers.get(name).remove(force=True, v=True)
    before = apart.containers("morpeth")

    preview = apart.place.run("preview", "--format", "json")
    up = apart.place.run("up", "--yes", "--format", "json")
    verify = apart.place.run("verify", "--format", "json")

    assert (preview.code, up.code, verify.code) == (1, 1, 1), (preview, up, verify)
    for run in (preview, up):
        silent = {change["stack"]: change for change in run.json["stacks"] if change["site"] == "durham-dc"}
        assert {change["status"] for change in silent.values()} == {"could-not-run"}
        assert all("does not answer" in change["reason"] for change in silent.values())
        assert not [change for change in silent.values() if change["steps"]]
    others = {change["status"] for change in up.json["stacks"] if change["site"] != "durham-dc"}
    assert others <= {"succeeded", "unchanged"}
    assert apart.checkpoints("durham-dc") == checkpoints
    after = apart.containers("morpeth")
    assert set(after) - set(before) == {name}
    assert {each: after[each] for each in before} == before
    passed = {result["id"] for result in verify.json["results"] if result["status"] == "passed"}
    assert {"login.northumberland.erp", "isolation.northumberland", "hardening.mh-apart.erp.morpeth"} <= passed
    failed = {result["id"] for result in verify.json["results"] if result["status"] == "failed"}
    assert not [each for each in failed if each.startswith("hardening.")]

    apart.machines["durham-dc"].start()
    mended = apart.place.run("up", "--yes", timeout=900)

    assert mended.code == 0, mended
    assert set(apart.containers("durham-dc")) == standing
    verified = apart.place.run("verify")
    assert verified.code == 0, verified


def test_a_lost_machine_is_failed_over_while_the_other_engine_restarts(apart: Apart) -> None:
    """Morpeth's machine is lost; Durham's engine is killed in the middle of the failover, which then goes on."""
    words = ("failover", "erp", "--yes", "--confirm", "erp", "--format", "json")
    apart.machines["morpeth"].lose()
    interrupted = subprocess.Popen(
        apart.place.command(*words), env=apart.place.environment, stdout=-3, stderr=subprocess.PIPE, text=True
    )
    assert interrupted.stderr is not None
    assert any("from morpeth to durham-dc" in line for line in interrupted.stderr)
    apart.machines["durham-dc"].kill()
    told = interrupted.communicate(timeout=300)[1]
    apart.machines["durham-dc"].start()
    assert (interrupted.returncode, "Traceback" in told) == (1, False), told

    over = apart.place.run(*words)

    found = {result["id"]: result["status"] for result in over.json["results"]}
    assert (found["fence.erp"], found["login.durham.erp"], found["login.northumberland.erp"]) == (
        "skipped",
        "passed",
        "skipped",
    ), over
    apart.machines["morpeth"].start()
    back = apart.place.run("failback", "erp", "--yes")
    assert back.code == 0, back
    verified = apart.place.run("verify")
    assert verified.code == 0, verified


def running(apart: Apart, site: str) -> set[str]:
    """Return the names of the containers that run at a site."""
    return {each.name for each in apart.machines[site].client().containers.list()}


def wait(good: Callable[[], object], what: str, seconds: float = 300) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < until, what
        time.sleep(1)


def server(apart: Apart, site: str) -> Container:
    """Return the container of a database server."""
    return apart.machines[site].client().containers.get(f"{apart.place.name}.erp.{site}.postgres")


def role(apart: Apart, site: str) -> str:
    """Return what a database server is, nothing while it cannot be asked."""
    with contextlib.suppress(docker.errors.APIError, ValueError):
        return str(json.loads(server(apart, site).exec_run(["state"]).output)["role"])
    return ""


@pytest.mark.parametrize("ways", [("stop", "kill", "lose"), ("kill", "lose", "stop")], ids=" ".join)
def test_everything_comes_back_with_the_engines(apart: Apart, ways: tuple[str, ...]) -> None:
    """After SIGTERM, SIGKILL and a power cut, one at each site, without a command; nothing is to be changed then.

    How the home of a server comes back from a power cut, and its mirror from SIGKILL, the other tests see.
    """
    before = {site: running(apart, site) for site in SITES}
    assert all(before.values())
    for site, way in zip(SITES, ways, strict=True):
        getattr(apart.machines[site], way)()
    for machine in apart.machines.values():
        machine.start()

    for site in SITES:
        wait(lambda site=site: running(apart, site) >= before[site], f"everything runs at {site} after {ways}")
    verified = apart.place.run("verify")
    deadline = time.monotonic() + 300
    while verified.code and time.monotonic() < deadline:
        verified = apart.place.run("verify")
    assert verified.code == 0, verified
    assert apart.place.run("preview", "--detailed-exitcode").code == 0


def test_a_fence_holds_through_power_cuts(apart: Apart) -> None:
    """A server that was replaced does not come back: it asks, and where nobody is to be asked its own fence holds."""
    morpeth, durham = apart.machines["morpeth"], apart.machines["durham-dc"]
    morpeth.lose()
    over = apart.place.run("failover", "erp", "--yes", "--confirm", "erp", "--format", "json")
    assert over.json["results"][1]["status"] == "passed", over
    durham.lose()
    durham.start()
    since = time.time()
    morpeth.start()
    wait(lambda: role(apart, "morpeth") == "fenced", "the old server is fenced, because the new one says so")
    assert role(apart, "durham-dc") == "primary"
    assert b"starting as primary" not in server(apart, "morpeth").logs(since=since)

    durham.lose()
    morpeth.lose()
    since = time.time()
    morpeth.start()
    wait(lambda: role(apart, "morpeth") == "fenced", "the fence in its own volume holds")
    told = server(apart, "morpeth").logs(since=since)
    assert (b"fenced: no server is started" in told, b"starting as primary" in told) == (True, False), told

    durham.start()
    wait(lambda: role(apart, "durham-dc") == "primary", "who was promoted serves")
    back = apart.place.run("failback", "erp", "--yes")
    assert back.code == 0, back
    assert apart.place.run("verify").code == 0


def test_nothing_is_left(apart: Apart) -> None:
    """Destroy takes everything down on all engines, data too when that is confirmed."""
    run = apart.place.run("destroy", "--with-data", "--confirm", apart.place.name)

    assert run.code == 0, run
    for site in SITES:
        client = apart.machines[site].client()
        assert apart.containers(site) == {}
        assert client.volumes.list() == []
        assert {network.name for network in client.networks.list()} == {"bridge", "host", "none"}
    assert not (os.listdir(apart.place.state / "engines") and _recorded(apart))


def _recorded(apart: Apart) -> bool:
    """Say whether any engine is still on record."""
    return (apart.place.state / "engines" / "mh-apart.json").read_text().strip() != "{}"


def test_an_engine_that_took_the_place_of_a_lost_one_is_accepted_when_said_so(tmp_path: Path) -> None:
    """Only the site of that name: everything of it is recreated on the new engine, images included."""
    place, door = small(tmp_path, "accept"), tmp_path / "consett.sock"
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "engines.yaml").write_text(ELSEWHERE.format(door=door))
    machines = [Machine("first"), Machine("second")]
    try:
        for machine in machines:
            machine.clear()
            machine.make()
            machine.own("198.18.9.3", "198.18.9.4")
        runs, names = [], []
        for machine, *words in ((machines[0],), (machines[1],), (machines[1], "--accept-engine", "consett")):
            door.unlink(missing_ok=True)
            door.symlink_to(machine.socket)
            runs.append(place.run("up", "--yes", "--site", "consett", *words))
            names.append({container.name for container in machine.client().containers.list()})
        empty = place.run("preview", "--site", "consett", "--detailed-exitcode")
    finally:
        for machine in machines:
            machine.clear()

    assert [run.code for run in runs] == [0, 4, 0], runs
    assert "mh-accept.erp.consett.database-transit" in names[0]
    assert names == [names[0], set(), names[0]]
    assert empty.code == 0, empty
    assert place.containers() == {}
