"""A real server whose tenants make their databases hostile: exports stay in their folder, a restore goes on."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.built import built
from tests.verify import plans

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.pool import EnginePool
from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint, Engines
from moothall.model.planned import Plan
from moothall.operations.offboarding import proof
from moothall.operations.offboarding.export import DUMP, export
from moothall.operations.offboarding.scratch_server import scratch
from moothall.operations.restore.side_copy import SideCopy, compare_tenants
from moothall.operations.restore.subject import Subject
from moothall.postgres import databases
from moothall.postgres.changes import first_change, look
from moothall.postgres.content import Table, content
from moothall.postgres.server import DatabaseServer
from moothall.waiting import wait_until

pytestmark = pytest.mark.live
ENDPOINT = Endpoint(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
PREFIX = f"foreign-{secrets.token_hex(3)}"
IMAGE = built("postgres")
NAMES = ("a|b", "a\tb", "a\nb", "a\u2028b", "a'b", 'a"b', "a%Ib", "select")
TABLE = "CREATE TABLE ir_attachment (id int, name text, resource text, type text, link text, data bytea)"
MODULE = "CREATE TABLE ir_module (name text, state text)"
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
BESIDE = SideCopy([], MOMENT, 0.0, ())


def ask(server: DatabaseServer, database: str, *statements: str) -> str:
    """Run statements and return what the last of them answers, one value: of a tenant, or of the superuser."""
    session = server.administration() if database == "postgres" else server.tenant_session(database)
    rows = session.rows(";\n".join(["SET search_path = public, pg_catalog", *statements]))
    return rows[-1][0] if rows else ""


def quoted(name: str) -> str:
    """Return a name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    """A server that takes writes, by the name that the plan has for it."""
    with scratch(Engine(ENDPOINT), IMAGE, PREFIX) as made:
        made.engine._client.rename(made.container, f"{PREFIX}.pg")
        yield made


@pytest.fixture
def fresh(server: DatabaseServer) -> Iterator[DatabaseServer]:
    """The same, with an empty database for each of two councils."""
    for council in plans.COUNCILS:
        databases.ensure_role(server.provisioning(), council)
        databases.create(server.provisioning(), council, council)
        ask(server, "postgres", f"ALTER ROLE {council} RESET ALL")
    yield server


def exported(server: DatabaseServer, folder: Path) -> list[str]:
    """Export Durham; return every file that there is below the folder's parent then."""
    export(server.tenant_session("durham"), folder / "export")
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_an_attachment_writes_nowhere_else(fresh: DatabaseServer, tmp_path: Path) -> None:
    """Its id made a text that leads out of the export."""
    ask(fresh, "durham", TABLE, MODULE, "ALTER TABLE ir_attachment ALTER id TYPE text")
    ask(fresh, "durham", "INSERT INTO ir_attachment VALUES ('../../evil', 'x', NULL, 'data', NULL, 'root')")

    with pytest.raises(Inconclusive, match=r"durham cannot be exported: .* as none of Tryton does, with '.*evil"):
        exported(fresh, tmp_path / "a")

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [DUMP]


def test_an_export_takes_any_name(fresh: DatabaseServer, tmp_path: Path) -> None:
    """Of tables, attachments and modules."""
    ask(fresh, "durham", TABLE, MODULE, *(f"CREATE TABLE {quoted(name)} (x int)" for name in NAMES))
    ask(fresh, "durham", "INSERT INTO ir_attachment VALUES (7, E'../a\\tb\\nc', NULL, 'data', NULL, 'good')")
    ask(fresh, "durham", "INSERT INTO ir_module VALUES (E'sale\\nmodule\\tforged', 'activated')")

    found = export(fresh.tenant_session("durham"), tmp_path / "export")

    assert found.tables == content(fresh.tenant_session("durham"))
    assert set(found.tables) == {*NAMES, "ir_attachment", "ir_module"}
    assert found.tables["a|b"] == Table(0, "0")
    [attachment] = found.attachments
    assert (tmp_path / "export" / str(attachment["path"])).read_bytes() == b"good"
    assert found.modules == ("sale\nmodule\tforged",)


def test_a_proof_reads_what_is_there(fresh: DatabaseServer, tmp_path: Path) -> None:
    """Attachments of a database are held to their files; ids that are none could not be looked at."""
    ask(
        fresh,
        "durham",
        TABLE,
        "INSERT INTO ir_attachment VALUES (7, 'a', NULL, 'data', NULL, 'good'), (8, 'b', NULL, 'link', 'x', NULL)",
    )
    (tmp_path / "7-a").write_bytes(b"good")
    tenant = {"database": "durham", "attachments": [{"id": 7, "path": "7-a"}, {"id": 8}]}

    assert proof._attachment_deviations(tmp_path, tenant, fresh.tenant_session("durham")) == []
    (tmp_path / "7-a").write_bytes(b"bad")
    assert proof._attachment_deviations(tmp_path, tenant, fresh.tenant_session("durham")) == ["attachment 7 differs"]
    ask(fresh, "durham", "ALTER TABLE ir_attachment ALTER id TYPE text USING id || E'\\n8 x y'")
    with pytest.raises(Inconclusive, match="as none of Tryton does"):
        proof._attachment_deviations(tmp_path, tenant, fresh.tenant_session("durham"))


HOSTILE = (
    *(f"CREATE TABLE {quoted(name)} (x int)" for name in NAMES),
    "CREATE TABLE json_dates (create_date json, write_date json)",
    "INSERT INTO json_dates VALUES ('{}', '{}')",
    "CREATE TABLE text_dates (create_date text, write_date text)",
    "INSERT INTO text_dates VALUES ('x', 'y')",
    "CREATE TABLE never (create_date timestamp, write_date timestamp)",
    "INSERT INTO never VALUES ('infinity', NULL), ('-infinity', NULL), ('0044-03-15 BC', NULL), (NULL, '200000-01-01')",
    "ALTER ROLE durham SET search_path = public, pg_catalog",
    "ALTER ROLE durham SET client_min_messages = debug5",
)


def test_a_hostile_tenant_is_compared_all_the_same(fresh: DatabaseServer) -> None:
    """Names and types say nothing to the comparison, and a moment is one that everybody can read."""
    ask(fresh, "durham", "CREATE TABLE good (create_date timestamp, write_date timestamp)")
    ask(fresh, "durham", "INSERT INTO good VALUES ('2026-01-01', NULL), ('2019-01-01', '2019-02-01')", *HOSTILE)
    durham = plans.tenant(PREFIX, "durham")

    found = look(fresh, durham.database, MOMENT)

    assert found is not None
    assert set(found.tables) == {*NAMES, "good", "json_dates", "text_dates", "never"}
    assert found.last_change == "2026-01-01T00:00:00"
    assert found.tables["good"].changed_rows == 1
    first = first_change(fresh.tenant_session(durham.database), "2019-06-01", datetime(2027, 1, 1, tzinfo=UTC))
    assert first == datetime(2026, 1, 1, tzinfo=UTC)


def test_one_tenant_stops_nobody(fresh: DatabaseServer) -> None:
    """A database that lets nobody look at it is said to be one; the other is compared."""
    ask(fresh, "derwentside", "CREATE TABLE good (create_date timestamp, write_date timestamp)")
    ask(fresh, "derwentside", "INSERT INTO good VALUES ('2026-01-01', NULL)")
    ask(fresh, "postgres", "ALTER DATABASE durham ALLOW_CONNECTIONS false")
    plan, subject = whole()
    engine_pool = EnginePool(plan, Engines(ENDPOINT))
    with scratch(engine_pool.of_site("durham-dc"), IMAGE, PREFIX) as copy:
        copy.engine._client.rename(copy.container, subject.copy)
        durham, derwentside = compare_tenants(subject, BESIDE, engine_pool)

    assert "is not currently accepting connections" in str(durham.failure)
    assert (durham.live, durham.copy, durham.rows_written_since) == (None, None, None)
    assert derwentside.failure is None
    assert (derwentside.rows_written_since, derwentside.copy) == (1, None)


def test_nobody_is_waited_for(fresh: DatabaseServer) -> None:
    """Who locks a table of its own holds nobody up, whatever was set for the database."""
    ask(fresh, "durham", "CREATE TABLE a (x int)", "ALTER ROLE durham SET lock_timeout = 0")
    locking = "psql -qU durham -d durham -c 'BEGIN; LOCK public.a; SELECT pg_sleep(600)'"
    fresh.engine.run(fresh.container, ["sh", "-c", f"{locking} >/dev/null 2>&1 &"])
    held = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation > 16000"
    assert wait_until(lambda: ask(fresh, "durham", held) == "1", 60)

    with pytest.raises(Inconclusive, match="due to lock timeout"):
        look(fresh, plans.tenant(PREFIX, "durham").database, MOMENT)

    limit = "SELECT json_build_object('limit', current_setting('statement_timeout'))"
    assert fresh.tenant_session("durham").document(limit, {"limit": (str,)}) == {"limit": "5min"}


def whole() -> tuple[Plan, Subject]:
    """Return a plan with the server and the repository of the ERP, and the instance as what is to be restored."""
    plan = plans.plan(PREFIX, IMAGE)
    own = [plans.container(f"{PREFIX}.{name}", role, ()) for name, role in (("pg", "postgres"), ("repository", "x"))]
    stack = replace(plan.stacks[0], name=f"{PREFIX}.erp.durham-dc", kind="instance", unit="erp", site="durham-dc")
    plan = replace(plan, stacks=(*plan.stacks, replace(stack, networks=(), volumes=(), containers=tuple(own))))
    return plan, Subject(plan, plan.backups[0], plan.tenants, None)
