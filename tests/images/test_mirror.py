"""A server, its mirror and its backup repository, from the real images, with every privilege taken away."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest
from docker.errors import APIError
from docker.models.containers import Container
from tests.images import configuration
from tests.images.bench import POSTGRES_TMPFS, Bench, bounds, said
from tests.neighbours.beside import beside_an_attack
from tests.waiting import wait_until

from moothall.plan.containers import AGENT, REPOSITORY

pytestmark = [pytest.mark.live, pytest.mark.incremental]

SLEEPERS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
NOTHING_LOST = {"copied": False, "lostBytes": 0, "lostCommits": 0, "lostSeconds": 0}


def server(bench: Bench, letter: str, role: str, peer: str = "", **options: object) -> Container:
    """Create the server of one site; the other site's is its peer."""
    peer = peer or ("pg-b" if letter == "a" else "pg-a")
    files = {
        **bench.authority.leaf(f"pg-{min(letter, 'b')}", "server"),
        "role": role,
        "postgresql.conf": configuration.POSTGRESQL,
        "pg_hba.conf": configuration.HBA,
        "pg_ident.conf": configuration.IDENT,
        "pgbackrest.conf": configuration.AGENT,
    }
    return bench.create(
        f"pg-{letter}",
        "postgres",
        900,
        files,
        environment={"PEER": peer, "SLOT": f"to_{letter}"},
        tmpfs=POSTGRES_TMPFS,
        volumes={f"data-{letter}": "/var/lib/postgresql/data", f"run-{letter}": "/run/postgresql"},
        **options,  # type: ignore[arg-type]
    )


def sql(container: Container, statement: str, database: str = "postgres") -> str:
    """Run a statement as superuser, on the socket."""
    return said(container, "psql", "-XAtq", "-U", "postgres", "-d", database, "-c", statement)


def serving(container: Container) -> bool:
    """Say whether the image's own health check is content."""
    container.reload()
    return container.status == "running" and container.exec_run("ready").exit_code == 0


def paused(container: Container) -> bool:
    """Pause a container, if the kernel can: at a busy moment it gives up freezing."""
    with contextlib.suppress(APIError):
        container.pause()
    container.reload()
    return container.status == "paused"


@pytest.fixture(scope="module")
def primary(bench: Bench) -> Container:
    """A running primary at site a."""
    container = server(bench, "a", "primary")
    container.start()
    wait_until(lambda: serving(container), f"pg-a is ready: {container.logs().decode()}")
    return container


@pytest.fixture(scope="module")
def standby(bench: Bench, primary: Container) -> Container:
    """A running standby at site b."""
    container = server(bench, "b", "standby")
    container.start()
    wait_until(lambda: serving(container), "pg-b is ready")
    return container


@pytest.fixture(scope="module")
def repository(bench: Bench, primary: Container) -> Iterator[Container]:
    """The agent beside the primary, and a repository that it may be read by."""
    agent_files = {**bench.authority.leaf("agent-a", "server"), "pgbackrest.conf": configuration.AGENT}
    agent_files["pgbackrest-clients.conf"] = configuration.AGENT_CLIENTS
    agent_volumes = {"data-a": "/var/lib/postgresql/data", "run-a": "/run/postgresql"}
    common = {"tmpfs": POSTGRES_TMPFS}
    agent = bench.start(
        "agent-a",
        "postgres",
        900,
        agent_files,
        command=["start-agent"],
        volumes=agent_volumes,
        bounds=bounds(AGENT),
        **common,
    )
    container = bench.start(
        "repository",
        "postgres",
        900,
        repository_files(bench),
        command=["start-repository"],
        environment={"STANZA": "erp", "BACKUP_EVERY_SECONDS": "3", "FULL_EVERY_SECONDS": "604800"},
        volumes={"repository": "/backup"},
        bounds=bounds(REPOSITORY),
        **common,
    )
    for each in (agent, container):
        wait_until(lambda each=each: each.exec_run("agent-ready").exit_code == 0, f"{each.name} is ready")
    yield container


def repository_files(bench: Bench) -> dict[str, str]:
    """Return the files of the repository and of the job beside it."""
    return {**bench.authority.leaf("repository", "server"), "pgbackrest.conf": configuration.REPOSITORY} | {
        "pgbackrest-clients.conf": configuration.REPOSITORY_CLIENTS
    }


def first_backup(bench: Bench) -> tuple[int, str]:
    """Run the job that makes the first backup."""
    return bench.job(
        "first-backup",
        "postgres",
        900,
        repository_files(bench),
        command=["first-backup"],
        environment={"STANZA": "erp"},
        tmpfs=POSTGRES_TMPFS,
        volumes={"repository": "/backup"},
    )


def backups(repository: Container) -> list[str]:
    """Return the kinds of the backups that there are, oldest first."""
    info = said(repository, "pgbackrest", "--config=/cfg/pgbackrest.conf", "--stanza=erp", "info", "--output=json")
    return [backup["type"] for backup in json.loads(info)[0]["backup"]]


def presented(repository: Container) -> str:
    """Return the certificate that a repository shows to who comes."""
    shown = "openssl s_client -connect 127.0.0.1:8432 < /dev/null 2> /dev/null | openssl x509"
    return said(repository, "sh", "-c", shown)


def pieces(repository: Container) -> list[str]:
    """Return the numbers of the finished pieces of log that there are, of whichever timeline, in order."""
    words = ["--config=/cfg/pgbackrest.conf", "--recurse", "--filter=/[0-9A-F]{24}-", "repo-ls", "archive/erp"]
    names = [line.rpartition("/")[2] for line in said(repository, "pgbackrest", *words).split()]
    return sorted({name[8:24] for name in names})


def has_all_to(repository: Container, piece: str) -> bool:
    """Say whether a piece of log and all before it are in the repository: a restore stops where one is missing."""
    numbers = [int(number[:8], 16) << 8 | int(number[8:], 16) for number in pieces(repository)]
    return piece[8:] in pieces(repository) and numbers == [*range(numbers[0], numbers[-1] + 1)]


def test_no_privilege_is_left_to_the_server(primary: Container) -> None:
    """The process has no capability, cannot gain one, and cannot write its configuration."""
    status = said(primary, "cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert primary.exec_run(["sh", "-c", "echo x > /cfg/role"]).exit_code != 0


def test_a_standby_streams_what_the_primary_writes(primary: Container, standby: Container) -> None:
    """A row written at one site is read at the other, over TLS and through a slot."""
    sql(primary, "CREATE TABLE proof (row int); INSERT INTO proof VALUES (1)")
    wait_until(lambda: "proof" in sql(standby, "SELECT relname FROM pg_class WHERE relname = 'proof'"), "row arrives")
    assert sql(standby, "SELECT pg_is_in_recovery()") == "t"
    assert sql(primary, "SELECT slot_name, active FROM pg_replication_slots") == "to_b|t"
    assert sql(primary, "SELECT bool_and(ssl) FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)") == "t"


def test_backups_are_made_and_checked(bench: Bench, repository: Container) -> None:
    """The first backup is a full one and made once; the repository goes on with incremental ones by itself."""
    code, output = first_backup(bench)
    assert code == 0, output
    wait_until(lambda: backups(repository)[-1] == "incr", "an incremental backup is made")
    code, output = first_backup(bench)
    assert code == 0, output
    assert "has a full backup already" in output
    assert backups(repository).count("full") == 1


def test_a_certificate_is_read_when_its_key_is_there(bench: Bench, repository: Container) -> None:
    """pgBackRest's server ends when it reads one without the other; files are exchanged one by one."""
    leaf, in_use = bench.authority.leaf("repository", "server"), presented(repository)
    for name in ("server.crt", "server.key"):
        assert presented(repository) == in_use
        bench.write(repository, {name: leaf[name]})
        said(repository, "agent-ready")
        said(repository, "agent-ready")
    wait_until(lambda: presented(repository) != in_use, "the new certificate is shown")


def test_who_says_nothing_holds_up_no_backup(bench: Bench, primary: Container, repository: Container) -> None:
    """One application takes all connections to their doors that it gets: log is archived, and backups are made."""
    before, archived = backups(repository), 0
    with beside_an_attack(bench, "doors", "15", "repository:8432", "agent-a:8432") as attack:
        while not attack.done():
            piece = sql(primary, "SELECT pg_walfile_name(pg_switch_wal())")
            wait_until(lambda piece=piece: has_all_to(repository, piece), "the log is archived", seconds=60)
            archived += 1
            sql(primary, f"CREATE TABLE held_up_{archived} (row int)")

    assert attack.result()["opened"] > 1000
    assert archived > 1
    assert len(backups(repository)) > len(before)
    for container in bench.containers:
        if container.name.endswith(("repository", "agent-a")):
            container.reload()
            assert container.status == "running", container.logs().decode()


def test_a_server_in_recovery_is_not_copied(bench: Bench, standby: Container) -> None:
    """Its copy would be one of what is being restored, and never hear of the timeline that this ends on."""
    sql(standby, "ALTER SYSTEM SET log_replication_commands = on")
    sql(standby, "SELECT pg_reload_conf()")
    third = server(bench, "c", "standby", peer="pg-b")
    third.start()
    wait_until(lambda: standby.logs().count(b"SHOW in_hot_standby") >= 3, "pg-c asks, and asks again")
    sql(standby, "ALTER SYSTEM RESET log_replication_commands")
    sql(standby, "SELECT pg_reload_conf()")

    assert b"copying" not in third.logs()
    assert said(third, "ls", "/var/lib/postgresql/data") == ""
    third.kill()


def state(container: Container) -> dict:
    """What a server says of itself."""
    return json.loads(said(container, "state"))


def follows(follower: Container, primary: Container) -> bool:
    """Say whether one server streams from the other, on its timeline."""
    one, other = state(follower), state(primary)
    return one["role"] == "standby" and one["streaming"] and one["timeline"] == other["timeline"]


def test_a_primary_that_was_replaced_stays_behind_its_fence(
    primary: Container, standby: Container, repository: Container
) -> None:
    """After a failover the old primary asks the new one and starts no server; afterwards it does not even ask.

    When both come back from a power cut at once it waits until it is answered. What it had not sent to the repository
    the new one sends.
    """
    wait_until(lambda: paused(repository), "the repository takes no log")
    sql(primary, "CREATE TABLE unsent AS SELECT 1")
    unsent = sql(primary, "SELECT pg_walfile_name(pg_switch_wal())")
    end = sql(primary, "SELECT pg_current_wal_lsn()")
    wait_until(lambda: sql(standby, f"SELECT pg_last_wal_replay_lsn() >= '{end}'") == "t", "pg-b has it")
    primary.kill()
    repository.unpause()
    assert unsent[8:] not in pieces(repository)
    assert json.loads(said(standby, "promote", "to_a"))["role"] == "primary"
    assert said(standby, "promote", "to_a"), "run again, it makes sure"
    sql(standby, "INSERT INTO proof VALUES (2)")
    wait_until(lambda: has_all_to(repository, unsent), "pg-b has sent it")
    assert said(standby, "ls", "/var/lib/postgresql/data/kept-log") == ""
    for expected in ("pg-b has taken over (timeline 2, ours 1)", "fenced: no server is started (replaced by pg-b, "):
        both = expected.startswith("pg-b")
        if both:
            standby.kill()
        primary.start()
        if both:
            standby.start()
        wait_until(lambda expected=expected: expected in primary.logs(tail=2).decode(), expected)
        assert state(primary)["role"] == "fenced"
        primary.kill()
        wait_until(lambda: paused(standby), "pg-b is paused") if both else standby.unpause()
    assert b"starting as primary" not in primary.logs()
    primary.start()


def test_a_promoted_server_starts_again_beside_a_fenced_one(standby: Container) -> None:
    """The server in charge, killed before it wrote a checkpoint, starts though nobody answers it."""
    standby.kill()
    standby.start()
    wait_until(lambda: serving(standby), "pg-b is ready again")
    assert sql(standby, "SELECT count(*) FROM proof") == "2"


def test_a_replaced_primary_follows_when_told(primary: Container, standby: Container) -> None:
    """It becomes the standby of the server that replaced it, in the same container."""
    followed = json.loads(said(primary, "follow"))
    assert followed["lostCommits"] == 0
    wait_until(lambda: follows(primary, standby), "pg-a follows")
    assert sql(primary, "SELECT count(*) FROM proof") == "2"
    assert json.loads(said(primary, "follow")) == NOTHING_LOST


def test_roles_are_changed_in_a_quiet_moment(primary: Container, standby: Container, repository: Container) -> None:
    """The one in charge is fenced, the other has all it wrote and is promoted, and the first goes on from there.

    What it wrote last is in the repository, too, which it sends nothing from behind its fence.
    """
    sql(standby, "INSERT INTO proof VALUES (3)")
    written = sql(standby, "SELECT pg_walfile_name(pg_current_wal_lsn())")
    fenced = json.loads(said(standby, "fence", "roles change"))
    assert (fenced["role"], fenced["ended"]) == ("fenced", "shut down")
    primary.exec_run(["psql", "-U", "postgres", "-c", "SELECT pg_sleep(3600)"], detach=True)
    wait_until(lambda: sql(primary, SLEEPERS) == "1", "an application waits for the promotion")
    promoted = json.loads(said(primary, "promote", "to_b"))
    assert (promoted["role"], promoted["timeline"]) == ("primary", 3)
    wait_until(lambda: sql(primary, SLEEPERS) == "0", "it is woken")
    wait_until(lambda: has_all_to(repository, written), "pg-a has sent what pg-b had not")
    assert sql(primary, "SELECT count(*) FROM proof") == "3"
    assert json.loads(said(standby, "follow")) == NOTHING_LOST
    wait_until(lambda: follows(standby, primary), "pg-b follows without a copy")
    assert sql(primary, "SELECT slot_name, active FROM pg_replication_slots") == "to_b|t"
    assert sql(standby, "SELECT count(*) FROM pg_replication_slots") == "0"


def test_two_primaries_are_one_when_they_meet(bench: Bench, primary: Container, standby: Container) -> None:
    """The link is cut, the mirror is promoted, both take writes; healed, the old one stops and says what is lost."""
    network = bench.client.networks.get(f"{bench.prefix}-net")
    network.disconnect(primary)
    said(standby, "promote", "to_a")
    sql(primary, "INSERT INTO proof VALUES (4), (5)")
    sql(standby, "INSERT INTO proof VALUES (6)")
    network.connect(primary, aliases=["pg-a"])
    wait_until(lambda: state(primary)["role"] == "fenced", "pg-a sees that it was replaced")
    followed = json.loads(said(primary, "follow"))
    assert followed["copied"]
    assert followed["lostCommits"] == 1
    wait_until(lambda: follows(primary, standby), "pg-a follows")
    assert sql(primary, "SELECT array_agg(row) FROM proof") == "{1,2,3,6}"


def test_services_stop_when_asked(bench: Bench, repository: Container) -> None:
    """Neither a server nor its repository has to be killed (137) after the time that it is given."""
    (serving_now,) = [each for each in bench.containers if each.name.endswith("pg-b")]
    # The server first: on its way out it still archives what it wrote.
    for container in (serving_now, repository):
        container.stop(timeout=120)
        container.reload()
        assert container.attrs["State"]["ExitCode"] != 137, container.name
