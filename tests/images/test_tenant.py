"""A tenant from an empty server to a served login, from the real images, with every privilege taken away."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from docker.models.containers import Container
from tests.images import configuration
from tests.images.bench import POSTGRES_TMPFS, TRYTON_TMPFS, Bench, said
from tests.images.inside import ASK, CALL, MODELS, WAKES
from tests.neighbours.beside import beside_an_attack
from tests.waiting import wait_until

from moothall.plan.config import postgres

pytestmark = [pytest.mark.live, pytest.mark.incremental]

TENANT = "durham_city"
FINANCE = ["account", "account_asset", "account_budget", "account_dunning", "account_invoice", "account_payment"]
FINANCE += ["account_statement", "analytic_account", "bank"]
OPEN = "sed -i '1i local all postgres peer' /tmp/pg_hba.conf"
"""Lets the superuser into every database."""
HOURS, USERS = "model.timesheet.line.search_count", "model.res.user.search_count"


@pytest.fixture(scope="module")
def server(bench: Bench) -> Container:
    """A server without a mirror, known as `pg`."""
    files = {
        **bench.authority.leaf("pg-a", "server"),
        "role": "primary",
        "postgresql.conf": postgres.server("erp", archive=False, may_lose=None, waits_for=None),
        "pg_hba.conf": configuration.HBA,
        "pg_ident.conf": configuration.IDENT,
    }
    container = bench.start(
        "pg-a",
        "postgres",
        900,
        files,
        environment={"PEER": "", "SLOT": ""},
        aliases=["pg"],
        tmpfs=POSTGRES_TMPFS,
        volumes={"data-a": "/var/lib/postgresql/data", "run-a": "/run/postgresql"},
    )
    wait_until(lambda: container.exec_run("ready").exit_code == 0, "the server is ready")
    return container


def prepare(bench: Bench, modules: Sequence[str], role: str = "job") -> tuple[int, str]:
    """Run the tenant's job."""
    wanted = {"tenant": TENANT, "modules": list(modules), "admin_email": "admin@durham-city.test"}
    files = {
        **bench.authority.leaf(role, "client"),
        "tenant.json": json.dumps(wanted),
        "database-password": "tenant-password",
        "admin-password": "admin-password",
    }
    return bench.job(
        "job",
        "tryton",
        910,
        files,
        command=["prepare-tenant"],
        environment={"PGHOST": "pg"},
        tmpfs=TRYTON_TMPFS,
    )


def sql(server: Container, statement: str, database: str = TENANT) -> str:
    """Run a statement on the socket: as the tenant in its database, and as superuser in that of the server."""
    role = database if database == TENANT else "postgres"
    return said(server, "psql", "-XAtq", "-U", role, "-d", database, "-c", statement)


@pytest.fixture(scope="module")
def tenant(bench: Bench, server: Container) -> str:
    """A tenant, prepared for the first time."""
    code, output = prepare(bench, FINANCE)
    assert code == 0, output
    said(server, "write-access")
    entering = ["psql", "-U", TENANT, "-d", TENANT, "-c", "SELECT 1"]
    wait_until(lambda: server.exec_run(entering).exit_code == 0, "the server's user is let in as the tenant")
    return output


@pytest.fixture(scope="module")
def service(bench: Bench, tenant: str) -> Container:
    """The tenant's application."""
    files = {**bench.authority.leaf("app", "server"), "trytond.conf": configuration.TRYTOND}
    container = bench.start(
        "app",
        "tryton",
        910,
        files,
        environment={"TRYTOND_DATABASE_NAMES": TENANT, "GATEWAY": "gateway"},
        tmpfs=TRYTON_TMPFS,
    )
    wait_until(lambda: container.exec_run("ready").exit_code == 0, f"the app is ready: {container.logs().decode()}")
    return container


def call(service: Container, password: str, *method: str) -> str:
    """Log in by JSON-RPC and call a method, if one is given; return the last status and answer."""
    return said(service, "python3", "-c", CALL, password, *method)


def test_the_job_makes_role_database_and_exactly_the_wanted_modules(server: Container, tenant: str) -> None:
    """The database and all that is in it belong to the tenant's role, and nobody else may connect."""
    assert f"{TENANT} has its" in tenant
    assert set(FINANCE) < set(sql(server, "SELECT name FROM ir_module WHERE state = 'activated'").splitlines())
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert sql(server, owners) == TENANT
    assert sql(server, f"SELECT has_database_privilege('repl', '{TENANT}', 'CONNECT')") == "f"
    assert sql(server, "SELECT count(*) FROM ir_module_config_wizard_item WHERE state <> 'done'") == "0"
    assert sql(server, f"SELECT pg_has_role('provisioner', '{TENANT}', 'MEMBER')") == "f"


def test_the_server_says_who_came_and_what_administrators_changed(server: Container, tenant: str) -> None:
    """And never a secret, whether hashed or typed by hand; nor what a tenant says."""
    sql(server, "CREATE ROLE passing PASSWORD 'never-shown'", "postgres")
    sql(server, "DROP ROLE passing", "postgres")
    sql(server, "SELECT 'said by a tenant'; CREATE TEMPORARY TABLE made_by_a_tenant ()")
    wait_until(lambda: b"DROP ROLE passing" in server.logs(), "the last of it is there")

    log = server.logs().decode()
    assert re.search(rf"provisioner@postgres \S+ LOG: statement: CREATE DATABASE \\\"{TENANT}.copy", log)
    assert re.search(rf"provisioner@postgres \S+ LOG: moothall: role {TENANT} is had, its password set", log)
    assert re.search(r"postgres@postgres \[local\] LOG: statement: CREATE ROLE passing PASSWORD \.\.\.\n", log)
    assert re.search(
        rf"{TENANT}@{TENANT} [0-9.]+ LOG: connection authorized: user={TENANT} database={TENANT} .*SSL", log
    )
    assert re.search(rf"{TENANT}@{TENANT} \[local\] LOG: disconnection: ", log)
    for secret in ("SCRAM-SHA-256", "tenant-password", "admin-password", "never-shown", "by a tenant", "by_a_tenant"):
        assert secret not in log


def test_a_neighbour_keeps_nobody_who_leaves(server: Container, tenant: str) -> None:
    """What it has given to the leaver's role leaves a role without that name, and nobody can come in as it."""
    sql(server, "SELECT moothall.have_tenant('leaver', NULL, 20)", "postgres")
    sql(server, "CREATE TABLE public.given (a int); GRANT SELECT ON public.given TO leaver")
    sql(server, "SELECT moothall.drop_tenant('leaver')", "postgres")

    assert sql(server, "SELECT count(*) FROM pg_roles WHERE rolname = 'leaver'", "postgres") == "0"
    left = "SELECT rolcanlogin FROM pg_roles WHERE starts_with(rolname, 'moothall.left.')"
    assert sql(server, left, "postgres") == "f"
    sql(server, "DROP TABLE public.given")


def test_nobody_forges_a_line_of_the_server(server: Container, tenant: str) -> None:
    """Neither by a name before anybody knows who it is, nor by what a session says; health checks leave no line."""
    forged = "x\n2026-01-01 00:00:00 UTC [1] postgres@postgres [local] LOG: forged"
    assert server.exec_run(["psql", "-U", forged, "-d", "postgres", "-c", ""]).exit_code != 0
    word = "connection authorized: user=postgres database=postgres application_name=pg_isready"
    sql(server, f"DO $$ BEGIN RAISE LOG E'one\n{word}'; RAISE LOG '{word}'; END $$")
    assert server.exec_run("ready").exit_code == 0
    sql(server, "SELECT 1")
    wait_until(lambda: server.logs().count(b"pg_isready") >= 2, lambda: server.logs().decode()[-3000:])

    lines = server.logs().decode().splitlines()
    assert [line for line in lines if line.startswith("2026-01-01 00:00:00")] == []
    assert [f"{TENANT}@{TENANT} [local] LOG" in line for line in lines if "pg_isready" in line] == [True, True]


def test_a_second_run_changes_nothing(bench: Bench, server: Container, tenant: str) -> None:
    """The job with nothing to do leaves the database's tables as they are."""
    before = sql(server, "SELECT xmin, password_hash FROM res_user WHERE login = 'admin'")
    code, output = prepare(bench, FINANCE)
    assert (code, "nothing to activate" in output) == (0, True), output
    assert sql(server, "SELECT xmin, password_hash FROM res_user WHERE login = 'admin'") == before


def test_the_application_serves_the_tenant(service: Container) -> None:
    """The administrator gets in with the right password only, and the web client is there."""
    assert call(service, "admin-password").startswith("200")
    assert call(service, "another").startswith("401")
    page = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/index.html').read().decode())"
    assert "dist/tryton-sao.js" in said(service, "python3", "-c", page)


def test_health_checks_leave_no_line_in_the_log(service: Container) -> None:
    """A good answer and a question for another database are both quiet."""
    before = service.logs()
    assert service.exec_run("ready").exit_code == 0
    assert service.logs() == before


def page(container: Container, host: str, port: int) -> str:
    """Return the first line of what is answered when a container asks for a page; nothing if it is not.

    A busy engine may lose what a program said, and its last word with it: then it is asked again.
    """
    asks = f"exec 3<>/dev/tcp/{host}/{port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3"
    said_lines: list[str] = []
    while said_lines[-1:] != ["end"]:
        said_lines = said(container, "bash", "-c", f"({asks}) 2> /dev/null; echo end").splitlines()
    return said_lines[0] if len(said_lines) > 1 else ""


def test_an_application_serves_its_gateway_alone(bench: Bench, server: Container, service: Container) -> None:
    """Another tenant opens all connections that it can: its users notice nothing, and the other is not served."""
    gateway = bench.start("gateway", "haproxy", 920, {"haproxy.cfg": configuration.HAPROXY})
    wait_until(lambda: " 200 " in page(gateway, "127.0.0.1", 443), "the gateway serves")
    answers: list[str] = []
    with beside_an_attack(bench, "doors", "8", "app:8000") as attack:
        while not attack.done():
            answers.append(page(gateway, "127.0.0.1", 443))
    others = page(server, "app", 8000)
    bench.remove(gateway)
    wait_until(lambda: page(server, "app", 8000) == "", "who comes when the gateway is gone is not served either")

    assert attack.result()["opened"] > 1000
    assert len(answers) > 8
    assert [answer for answer in answers if " 200 " not in answer] == []
    assert others == ""


def test_the_application_is_not_ready_without_its_database(server: Container, service: Container) -> None:
    """While the server is away the check fails; afterwards it succeeds without a restart of the application."""
    server.stop()
    wait_until(lambda: service.exec_run("ready").exit_code == 1, "the check fails")
    server.start()
    wait_until(lambda: service.exec_run("ready").exit_code == 0, "the check succeeds again")


def asked(service: Container, believed: str) -> tuple[int, float]:
    """Ask whether the tenant is ready as a relay does that takes it for `believed`; return status and seconds."""
    status, seconds = said(service, "python3", "-c", ASK, believed).split()
    return int(status), float(seconds)


def test_an_answer_that_changes_nothing_is_held_back(server: Container, service: Container) -> None:
    """A relay hears at once what it does not know, and while it is right it waits: until that changes, or a while."""
    assert asked(service, "UP")[1] > 5
    assert asked(service, "DOWN")[1] < 5
    with ThreadPoolExecutor() as pool:
        held = pool.submit(asked, service, "UP 2/3")
        server.kill()
        assert held.result()[0] == 503
        held = pool.submit(asked, service, "DOWN 1/3")
        server.start()
        held.result()  # of a server that takes longer to be back it hears nothing new, and asks again
        wait_until(lambda: asked(service, "DOWN 1/3")[0] == 200, "it hears that the server is back")
    wait_until(lambda: service.exec_run("ready").exit_code == 0, "the check succeeds again")


def test_a_server_that_is_back_is_used_at_once(server: Container, service: Container) -> None:
    """However often connections were tried for in vain meanwhile: the pool's next try would be eight seconds away."""

    def tries() -> int:
        return service.logs().count(b"error connecting in")

    before = tries()
    server.kill()
    with ThreadPoolExecutor() as pool:
        pool.submit(call, service, "admin-password")
        wait_until(lambda: tries() >= before + 4, "four tries fail")
        server.start()
        wait_until(lambda: service.exec_run("ready").exit_code == 0, "the check succeeds again")
        begun = time.monotonic()
        assert call(service, "admin-password").startswith("200")
        assert time.monotonic() - begun < 5


def test_an_application_that_nobody_uses_sleeps(service: Container) -> None:
    """While a relay's question is held back, none of its threads wakes often: many of them share a machine."""
    before = int(said(service, "python3", "-c", WAKES))
    _, seconds = asked(service, "UP")
    assert (int(said(service, "python3", "-c", WAKES)) - before) / seconds < 8


def test_models_that_share_what_nobody_changes_are_as_trytond_makes_them(service: Container) -> None:
    """Fields, methods and views are the same in less memory."""
    lean, as_made = (
        said(service, "env", "PYTHONHASHSEED=0", "python3", "-c", MODELS, word) for word in ("lean", "whole")
    )
    assert len(lean.splitlines()) > 1000
    assert lean == as_made


def test_a_module_enabled_later_reaches_users_without_a_restart(
    bench: Bench, server: Container, service: Container
) -> None:
    """The job with one more module adds it; the running application soon knows its model; no call fails meanwhile."""
    assert '"result"' not in call(service, "admin-password", HOURS)
    with ThreadPoolExecutor() as pool:
        job = pool.submit(prepare, bench, [*FINANCE, "timesheet"])
        answers: list[str] = []
        wait_until(lambda: answers.append(call(service, "admin-password", USERS)) or job.done(), "the job ends")
        code, output = job.result()
    assert code == 0, output
    assert "activated company_work_time, timesheet" in output

    def known() -> bool:
        answers.append(call(service, "admin-password", USERS))
        return '"result":0' in call(service, "admin-password", HOURS)

    wait_until(known, "the new model answers")
    assert [answer for answer in answers if '"result":' not in answer] == []


def test_a_change_of_modules_of_which_nobody_was_told_is_found(server: Container, service: Container) -> None:
    """What is activated is looked at, too: a word of it can be lost with a connection."""
    sql(server, "UPDATE ir_module SET state = 'not activated' WHERE name = 'timesheet'")
    wait_until(lambda: '"result"' not in call(service, "admin-password", HOURS), "the model is gone")
    sql(server, "UPDATE ir_module SET state = 'activated' WHERE name = 'timesheet'")
    wait_until(lambda: '"result":0' in call(service, "admin-password", HOURS), "the model answers again")


@pytest.mark.parametrize(
    ("modules", "role", "reason"),
    [
        (["no_such_module"], "job", "the image has no module no_such_module"),
        (FINANCE, "job", "activated, but neither wanted nor needed: company_work_time, timesheet"),
        (FINANCE, "stranger", "the server does not let the job in"),
    ],
)
def test_a_job_that_cannot_end_well_says_why(
    bench: Bench, service: Container, modules: list[str], role: str, reason: str
) -> None:
    """Exit code 1 and one line, whatever is wrong; here after the tenant was given one module more."""
    code, output = prepare(bench, modules, role)
    assert code == 1
    assert reason in output
    assert len(output.splitlines()) == 1


def test_a_job_says_that_its_tenant_is_frozen(bench: Bench, server: Container, service: Container) -> None:
    """And who lets it go on, at once: it does not wait for a server that lets nobody in."""
    sql(server, f"SELECT moothall.set_frozen('{TENANT}', true)", "postgres")
    code, output = prepare(bench, FINANCE)
    sql(server, f"SELECT moothall.set_frozen('{TENANT}', false)", "postgres")
    thaws = "durham-city is frozen; `moothall decommission durham-city --thaw` has it changed again"
    assert (code, output.strip()) == (1, f"prepare-tenant: {thaws}")


def test_a_job_leaves_a_database_that_is_not_its_own(bench: Bench, server: Container, service: Container) -> None:
    """Without the mark the database may be somebody's data: the job refuses, and keeps it."""
    sql(server, f'COMMENT ON DATABASE "{TENANT}" IS NULL', "postgres")
    code, output = prepare(bench, FINANCE)
    assert code == 1
    assert "was not made by this job" in output
    assert sql(server, "SELECT count(*) FROM res_user WHERE login = 'admin'") == "1"


def test_what_an_interrupted_job_left_is_made_anew(bench: Bench, server: Container, service: Container) -> None:
    """A database marked as being made is dropped and made again."""
    service.stop(timeout=30)
    service.reload()
    assert service.attrs["State"]["ExitCode"] == 0
    sql(server, f"COMMENT ON DATABASE \"{TENANT}\" IS 'moothall: being made'", "postgres")
    code, output = prepare(bench, FINANCE)
    assert code == 0, output
    assert "timesheet" not in sql(server, "SELECT name FROM ir_module WHERE state = 'activated'").splitlines()


def test_a_template_that_somebody_is_about_to_leave_is_waited_for(bench: Bench, server: Container) -> None:
    """PostgreSQL waits five seconds for a template's last users; on a busy server they take longer to be gone."""
    sql(server, f"COMMENT ON DATABASE \"{TENANT}\" IS 'moothall: being made'", "postgres")
    templates = sql(
        server, "SELECT datname FROM pg_database WHERE datistemplate AND datname LIKE 'moothall.%'"
    ).splitlines()
    said(server, "sh", "-c", f"{OPEN}; pg_ctl reload -s -D /var/lib/postgresql/data/pg")
    for template in templates:
        sql(server, f'ALTER DATABASE "{template}" ALLOW_CONNECTIONS true', "postgres")
        server.exec_run(["psql", "-XAtq", "-d", template, "-c", "SELECT pg_sleep(9)"], detach=True)
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(9)'"
    wait_until(lambda: sql(server, sleeping, "postgres") == str(len(templates)), "somebody is in")
    for template in templates:
        sql(server, f'ALTER DATABASE "{template}" ALLOW_CONNECTIONS false', "postgres")
    said(server, "write-access")

    code, output = prepare(bench, FINANCE)

    assert templates
    assert code == 0, output


def test_a_proxy_is_alive(bench: Bench) -> None:
    """HAProxy runs without privileges, binds its port and answers its own health check."""
    container = bench.start("relay", "haproxy", 920, {"haproxy.cfg": configuration.HAPROXY})
    wait_until(lambda: container.exec_run("alive").exit_code == 0, f"alive: {container.logs().decode()}")
