"""An instance fails over and back: planned, killed under writes, cut off, interrupted, twice at once, engine gone.

One small partnership stands for all tests; each ends at home, so that the next finds what is declared.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import docker
import pytest
from tests.live.helpers.running import Place, Run, small
from tests.live.helpers.signing_in import Tenant
from tests.waiting import wait_until

from moothall.settings.day import CERTIFICATES

pytestmark = pytest.mark.live

HOME, AWAY = "mh-switch.erp.morpeth.postgres", "mh-switch.erp.durham-dc.postgres"
LINK = ("mh-switch.erp.consett.database-transit", "mh-switch.durham.consett.erp-transit")
LINK += ("mh-switch.northumberland.consett.erp-transit",)
LAST_YEAR = {CERTIFICATES: f"{date.today().year - 1}-06-01"}
LISTED = "at_stanza info --output=json"
ENGINES = """\
apiVersion: moothall/v1
kind: Engines
spec:
  engines:
    lost:
      endpoint: unix:///nowhere/docker.sock
      sites: [morpeth]
      links: {link-consett-morpeth: 198.18.1.1}
    here:
      endpoint: unix:///var/run/docker.sock
      sites: [consett, durham-dc]
      links: {link-consett-morpeth: 198.18.1.2}
"""


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The partnership, up, with its applications at the mirror's site waiting."""
    place = small(tmp_path_factory.mktemp("switch"), "switch")
    place.clear()
    try:
        run = place.run("up", "--yes", timeout=900)
        assert run.code == 0, run
        wait_until(lambda: said("mh-switch.durham.durham-dc.erp-application", "ready") == "waiting", "durham waits")
        wait_until(
            lambda: said("mh-switch.northumberland.durham-dc.erp-application", "ready") == "waiting",
            "northumberland waits",
        )
        yield place
    finally:
        place.clear()


def said(container: str, *command: str) -> str:
    """Return what a command in a container prints."""
    return docker.from_env().containers.get(container).exec_run(list(command)).output.decode().strip()


def state(server: str) -> dict:
    """Return what a server is."""
    return json.loads(said(server, "state"))


def sql(server: str, statement: str) -> str:
    """Return the answer of a server to its superuser."""
    return said(server, "psql", "-XAtq", "-U", "postgres", "-d", "postgres", "-c", statement)


def status(run: Run) -> dict[str, str]:
    """Return the status of each result."""
    return {result["id"]: result["status"] for result in run.json["results"]}


def at_home(place: Place) -> Run:
    """Fail back and hold what stands against what is declared."""
    back = place.run("failback", "erp", "--yes", "--format", "json")
    assert back.code == 0, back
    assert not (place.councils.parent / "active.yaml").exists()
    assert place.run("preview", "--detailed-exitcode").code == 0
    return back


def write_until_killed(server: str, folder: Path) -> set[int]:
    """Write rows one by one while pgbench works, kill the server, and return the rows that it acknowledged."""
    bench = ["/usr/lib/postgresql/15/bin/pgbench", "-U", "postgres"]
    sql(server, "DROP TABLE IF EXISTS written")
    sql(server, "CREATE TABLE written (row int)")
    said(server, *bench, "--initialize", "--quiet", "postgres")
    docker.from_env().containers.get(server).exec_run([*bench, "--client=4", "--time=300", "postgres"], detach=True)
    wait_until(lambda: int(sql(server, "SELECT count(*) FROM pgbench_history")) > 0, "pgbench works")
    rows, answers = folder / "rows.sql", folder / "answers"
    rows.write_text("".join(f"INSERT INTO written VALUES ({row}) RETURNING row;\n" for row in range(300_000)))
    words = ["docker", "exec", "-i", server, "psql", "-XAtq", "-U", "postgres", "-d", "postgres"]
    with rows.open() as feed, answers.open("w") as out:
        writer = subprocess.Popen(words, stdin=feed, stdout=out, stderr=subprocess.DEVNULL)
        wait_until(lambda: answers.stat().st_size > 2000, "rows are written")
        docker.from_env().containers.get(server).kill()
        writer.wait(60)
    lines = answers.read_text().split("\n")[:-1]  # what follows the last line break was not all there
    return {int(line) for line in lines}


def missing(acknowledged: set[int]) -> set[int]:
    """Return the acknowledged rows that the server at the mirror's site has not."""
    return acknowledged - set(map(int, sql(AWAY, "SELECT row FROM written").split()))


def test_a_waiting_site_that_comes_back_disturbs_nobody(switch: Place) -> None:
    """Its gateway, in the relay's own network, is away until names are forgotten and returns: nobody is cut off."""
    gateway = docker.from_env().containers.get("mh-switch.durham.durham-dc.erp-gateway")
    user = Tenant(switch, "durham", "erp")
    gateway.stop()
    gateway.reload()
    until, away = time.monotonic() + 16, time.monotonic() + 8
    while time.monotonic() < until:
        user.call("model.res.user.search_count", [], {})  # raises Refused
        if gateway.status != "running" and time.monotonic() > away:
            gateway.start()
            gateway.reload()
        time.sleep(0.05)


def test_a_planned_switch_there_and_back(switch: Place) -> None:
    """Everybody logs in at the usual address, the mirror runs the other way round, and nothing is to be changed."""
    before = switch.identities()
    over = switch.run("failover", "erp", "--yes", "--why", "a test", "--format", "json")
    assert over.code == 0, over
    assert (over.json["recoveryPointSeconds"], over.json["lostCommits"]) == (0, 0)
    assert {"login.durham.erp", "login.northumberland.erp", "follow.erp", "recovery-time.erp"} <= set(status(over))
    verified = switch.run("verify", "--instance", "erp", "--format", "json")
    assert verified.code == 0, verified
    (mirror,) = [result for result in verified.json["results"] if result["id"] == "mirror.erp"]
    assert f"failed over to durham-dc since {over.json['since']}" in mirror["detail"]
    assert switch.run("preview", "--detailed-exitcode").code == 0
    again = switch.run("failover", "erp", "--yes")
    assert (again.code, "serves already" in again.out) == (0, True), again

    back = at_home(switch)

    assert back.json["lostCommits"] == 0
    assert switch.identities() == before, "no container was recreated or started again"
    assert switch.run("failback", "erp", "--yes").code == 0


def test_what_a_killed_primary_had_not_handed_on_is_counted(switch: Place, tmp_path: Path) -> None:
    """Rows that were acknowledged and are gone are among those that the answer says are lost; none are with sync."""
    for waits, name in ((False, ""), (True, "durham_dc")):
        sql(HOME, f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        sql(HOME, "SELECT pg_reload_conf()")
        try:
            acknowledged = write_until_killed(HOME, tmp_path)
            over = switch.run("failover", "erp", "--yes", "--format", "json")
            assert over.code == 0, over
            gone = missing(acknowledged)
            assert len(acknowledged) > 100
            assert len(gone) <= over.json["lostCommits"], (gone, over)
            assert not (waits and gone)
            at_home(switch)
        finally:  # or whatever is written while the link is cut waits for ever
            sql(HOME, "ALTER SYSTEM RESET synchronous_standby_names")
            sql(HOME, "SELECT pg_reload_conf()")


@contextmanager
def link_cut() -> Iterator[None]:
    """Cut the link between both sites: what is sent gets lost, and nobody is told."""
    links = [docker.from_env().containers.get(name).attrs["State"]["Pid"] for name in LINK]
    for link in links:
        os.kill(link, signal.SIGSTOP)  # Docker's own pause leaves a container unhealthy until its next check
    try:
        yield
    finally:
        for link in links:
            os.kill(link, signal.SIGCONT)


def test_a_server_whose_standby_is_cut_off_stops_in_order(switch: Place) -> None:
    """It does not wait for the standby until it is killed, which would cost it a recovery at its next start."""
    server = docker.from_env().containers.get(HOME)
    with link_cut():
        server.stop()
        server.reload()
        assert server.attrs["State"]["ExitCode"] == 0
    server.start()
    wait_until(lambda: state(AWAY)["streaming"], "the standby follows again")


def test_two_primaries_are_one_when_the_link_heals(switch: Place) -> None:
    """Cut off, both serve; when they meet, the replaced one stops by itself and what it wrote is said to be lost."""
    with link_cut():
        wait_until(lambda: not state(AWAY)["streaming"], "the standby hears nothing")
        unsaid = switch.run("failover", "erp", "--yes")
        assert (unsaid.code, "--confirm erp" in unsaid.err) == (5, True), unsaid
        said(AWAY, "promote", "morpeth")
        assert state(HOME)["role"] == state(AWAY)["role"] == "primary"
        sql(HOME, "CREATE TABLE stray (row int)")
    wait_until(lambda: state(HOME)["role"] == "fenced", "the replaced server fences itself", 60)
    over = switch.run("failover", "erp", "--yes", "--format", "json")
    assert over.code == 0, over
    assert over.json["lostCommits"] >= 1
    at_home(switch)


def test_an_engine_that_does_not_answer_holds_nothing_up(switch: Place, tmp_path: Path) -> None:
    """Nobody can be told over there: the old server hears of it from the new one, and durham logs in."""
    engines = tmp_path / "engines.yaml"
    engines.write_text(ENGINES)
    words = ("failover", "erp", "--yes", "--engines", str(engines), "--format", "json")
    unsaid = switch.run(*words)
    assert (unsaid.code, "may still serve its own site" in unsaid.err) == (5, True), unsaid

    over = switch.run(*words, "--confirm", "erp")

    assert over.code == 1, over  # the recovery point cannot be told before the old site answers
    found = status(over)
    assert (found["fence.erp"], found["login.durham.erp"], found["login.northumberland.erp"]) == (
        "skipped",
        "passed",
        "skipped",
    )
    wait_until(lambda: state(HOME)["role"] == "fenced", "the replaced server fences itself", 60)
    at_home(switch)


def test_backups_go_on_and_certificates_are_renewed_while_failed_over(switch: Place) -> None:
    """A backup that runs meanwhile harms nothing, the next is made over there; certificates change under all of it."""
    repository = docker.from_env().containers.get("mh-switch.erp.durham-dc.repository")
    backup = "BACKUP_EVERY_SECONDS=1; . /usr/local/lib/moothall/backups.sh; at_stanza --type={} backup"
    assert switch.run("up", "--yes", environment=LAST_YEAR).code == 0
    repository.exec_run(["bash", "-c", backup.format("full")], detach=True)
    over = switch.run("failover", "erp", "--yes", "--format", "json")
    assert over.code == 0, over

    before = switch.identities()
    renewed = switch.run("up", "--yes")
    assert renewed.code == 0, renewed
    assert switch.identities() == before
    assert state(AWAY)["role"] == "primary"
    wait_until(lambda: repository.exec_run(["bash", "-c", backup.format("$(due)")]).exit_code == 0, "a backup is made")

    newest = json.loads(said(repository.name, "bash", "-c", backup.partition("at_stanza")[0] + LISTED))[0]["backup"][-1]
    assert (newest["type"], newest["archive"]["stop"][:8]) == ("incr", f"{over.json['timeline']:08X}")
    verified = switch.run("verify", "--instance", "erp")
    assert verified.code == 0, verified
    at_home(switch)


def lost(place: Place, site: str) -> list[str]:
    """Kill whatever runs at a site, whose engine goes on answering; return the names."""
    names = [name for name, each in place.containers().items() if f".{site}." in name and each.status == "running"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: docker.from_env().containers.get(name).kill(), names))
    return names


def advised(run: Run) -> list[str]:
    """Return the words of the command that a failure advises."""
    (line,) = [line for line in run.err.splitlines() if "moothall " in line]
    return shlex.split(line[line.index("moothall ") :], comments=True)[1:]


def test_a_site_that_is_down_while_its_engine_answers(switch: Place) -> None:
    """Nobody waits for the councils there; failing back starts what was stopped, and what it cannot it says."""
    assert HOME in lost(switch, "morpeth")
    over = switch.run("failover", "erp", "--yes", "--format", "json")
    assert over.code == 0, over
    found = {result["id"]: result for result in over.json["results"]}
    assert found["login.durham.erp"]["status"] == found["follow.erp"]["status"] == "passed", over
    council = found["login.northumberland.erp"]
    assert (council["status"], council["hint"]) == ("skipped", "moothall up --yes"), over
    assert "mh-switch.northumberland.morpeth.erp-relay, is exited" in council["detail"]
    assert over.json["recoveryTimeSeconds"] < 60  # twice as long each relay was waited for

    lost(switch, "morpeth")
    lost(switch, "consett")
    docker.from_env().containers.get(AWAY).pause()  # goes on, too
    at_home(switch)
    assert switch.run("verify", "--instance", "erp").code == 0


def test_advice_does_not_lead_in_a_circle(switch: Place) -> None:
    """Where something is gone altogether, what is advised brings it back, and the same command gets through."""
    relay = "mh-switch.erp.morpeth.database-relay"
    assert switch.run("failover", "erp", "--yes").code == 0
    docker.from_env().containers.get(relay).remove(force=True, v=True)
    back = switch.run("failback", "erp", "--yes")
    assert (back.code, f"{relay} is missing" in back.err) == (1, True), back
    assert advised(back) == ["up", "--yes"]
    mended = switch.run(*advised(back))
    assert mended.code == 0, mended
    at_home(switch)

    docker.from_env().containers.get(AWAY).remove(v=True, force=True)
    over = switch.run("failover", "erp", "--yes", "--confirm", "erp")
    assert (over.code, advised(over)) == (1, ["up", "--yes"]), over
    mended = switch.run(*advised(over))
    assert mended.code == 0, mended
    assert switch.run("failover", "erp", "--yes").code == 0
    at_home(switch)


def test_two_operators_at_once(switch: Place) -> None:
    """One wins, the other is told who works on the instance."""
    words = switch.command("failover", "erp", "--yes")
    both = [
        subprocess.Popen(words, env=switch.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [each.communicate(timeout=300)[1] for each in both]
    assert sorted(each.returncode for each in both) == [0, 5], told
    assert "is locked by process" in told[[each.returncode for each in both].index(5)]
    at_home(switch)


@pytest.mark.parametrize("lines", [2, 4])
def test_interrupted_it_goes_on(switch: Place, lines: int) -> None:
    """Killed after any of the things that it says, the same command ends what it began, there and back."""
    for verb in ("failover", "failback"):
        words = switch.command(verb, "erp", "--yes")
        run = subprocess.Popen(
            words, env=switch.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert run.stderr is not None
        for _ in range(lines):
            run.stderr.readline()
        run.send_signal(signal.SIGKILL)
        run.wait()
        again = switch.run(verb, "erp", "--yes")
        assert again.code == 0, again
        site = AWAY if verb == "failover" else HOME
        assert state(site)["role"] == "primary"
        assert state(site)["follower"] == "streaming"
    assert switch.run("preview", "--detailed-exitcode").code == 0


def drilled(place: Place, *words: str) -> Run:
    """Drill the failover of the instance; what was agreed must be met, and nothing that runs be another afterwards."""
    before = place.identities()
    run = place.run("drill", "failover", "erp", *words, "--format", "json", timeout=900)
    assert run.code == 0, run
    assert run.json["outcome"] == "passed"
    for measure in ("recoveryTimeSeconds", "recoveryPointSeconds"):
        assert 0 <= run.json["measured"][measure] <= run.json["agreed"][measure]
    assert {Path(path).suffix for path in run.json["evidence"]} == {".json", ".xml", ".md"}
    assert place.identities() == before
    return run


def test_a_failover_is_drilled_in_a_copy(switch: Place) -> None:
    """The site is lost in a copy with its own name and networks; what runs is not touched, and nothing is left."""
    run = drilled(switch)

    assert {"login.durham.erp", "login.northumberland.erp"} <= {
        result["id"] for result in run.json["results"] if result["status"] == "passed"
    }
    label = {"label": f"moothall.partnership={switch.name}_drill_erp"}
    client = docker.from_env()
    assert not client.containers.list(ignore_removed=True, all=True, filters=label)
    assert not client.networks.list(filters=label)
    assert not client.volumes.list(filters=label)


def test_a_failover_is_drilled_live(switch: Place) -> None:
    """With what runs, there and back; only when the instance's name is typed."""
    unsaid = switch.run("drill", "failover", "erp", "--live")
    assert (unsaid.code, "--live --confirm erp" in unsaid.err) == (5, True), unsaid

    run = drilled(switch, "--live", "--confirm", "erp")

    passed = {result["id"] for result in run.json["results"] if result["status"] == "passed"}
    assert {"there.login.durham.erp", "back.login.durham.erp"} <= passed
    assert state(HOME)["role"] == "primary"
    assert switch.run("preview", "--detailed-exitcode").code == 0
