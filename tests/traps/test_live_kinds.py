"""Every kind of trap in a tenant's database, and all that moothall does in there: it is the tenant who falls in.

In `make campaign` each kind is planted by itself as well (MOOTHALL_TRAPS=each).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.traps import kinds
from tests.traps.listening import TOLD
from tests.waiting import wait_until

from moothall import imagetags, paths
from moothall.docker_engine.engine import Engine
from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint
from moothall.operations.offboarding import loading, removal
from moothall.operations.offboarding.export import DUMP, export
from moothall.operations.offboarding.scratch_server import scratch
from moothall.postgres import databases
from moothall.postgres.changes import first_change, look
from moothall.postgres.content import attachments, content, differences
from moothall.postgres.dump import dump_to_file, restore_from_file
from moothall.postgres.paths import DATA
from moothall.postgres.server import DatabaseServer

pytestmark = pytest.mark.live
ENDPOINT = Endpoint(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
IMAGE = imagetags.tags(paths.IMAGES)["postgres"]
TENANT, NEIGHBOUR, STAGING, FORMER = "durham", "derwentside", "durham.restored", "durham.before-20260101t000000"
MOMENT, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
TRYTON = (
    "CREATE TABLE ir_attachment (id int, name text, resource text, type text, link text, data bytea)",
    "INSERT INTO ir_attachment VALUES (7, 'a', NULL, 'data', NULL, 'good')",
    "CREATE TABLE ir_module (name text, state text)",
    "INSERT INTO ir_module VALUES ('sale', 'activated')",
    "CREATE TABLE party (id int, create_date timestamp, write_date timestamp)",
    "INSERT INTO party VALUES (1, '2026-01-01', NULL)",
)
EACH = os.environ.get("MOOTHALL_TRAPS") == "each"
CASES = {
    "together": [statement for kind in kinds.TOGETHER.values() for statement in kind],
    **kinds.ALONE,
    **(kinds.TOGETHER if EACH else {}),
}


class World:
    """A server with two tenants, and another into which exports are restored."""

    def __init__(self, server: DatabaseServer, elsewhere: DatabaseServer) -> None:
        self.server = server
        self.elsewhere = elsewhere
        self._heard = {server: 0, elsewhere: 0}

    def told(self) -> list[tuple[str, str, str]]:
        """Return what traps have told since this was asked: their kind, and as whom their code ran, twice."""
        news: list[tuple[str, str, str]] = []
        for server, heard in self._heard.items():
            found = TOLD.findall(server.engine.logs(server.container, lines=10**6))
            news += found[heard:]
            self._heard[server] = len(found)
        return news

    def run(self, tenant: str, *statements: str) -> None:
        """Run statements as a tenant in its database, as its own people would."""
        self.server.tenant_session(tenant).run(";\n".join(["SET search_path = public", *statements]))

    def renew(self) -> None:
        """Have both tenants as new."""
        provisioning = self.server.provisioning()
        for tenant in (TENANT, NEIGHBOUR):
            removal.remove(self.server, tenant)
            databases.ensure_role(provisioning, tenant)
            databases.create(provisioning, tenant, tenant)
            self.run(tenant, *TRYTON)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Both servers."""
    engine = Engine(ENDPOINT)
    with scratch(engine, IMAGE, "traps") as server, scratch(engine, IMAGE, "traps") as elsewhere:
        yield World(server, elsewhere)


@pytest.fixture
def fresh(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same with both tenants as new. There is no network here from which somebody's login could be under way."""
    monkeypatch.setattr(databases, "LOGIN_SECONDS", 0.0)
    world.renew()
    return world


def carry(world: World) -> None:
    """Carry the database to another as a restore does, put that in its place, and the former one back."""
    session, provisioning = world.server.tenant_session(TENANT), world.server.provisioning()
    dump_to_file(session, f"{DATA}/t.dump")
    databases.create(provisioning, STAGING, TENANT)
    staging = world.server.tenant_session(TENANT, STAGING)
    code, output = restore_from_file(staging, f"{DATA}/t.dump", "--no-privileges")
    if code:
        raise Inconclusive(output)
    databases.analyze(staging)
    assert differences(content(session), content(staging)) == []
    databases.exchange(provisioning, TENANT, STAGING, FORMER)
    databases.exchange(provisioning, TENANT, FORMER, STAGING)


def leave(world: World, folder: Path) -> None:
    """Export the database, and prove the export elsewhere."""
    export(world.server.tenant_session(TENANT), folder)
    before = content(world.server.tenant_session(TENANT))
    loading.restore(world.elsewhere, folder / DUMP, TENANT)
    assert differences(before, content(world.elsewhere.tenant_session(TENANT))) == []
    attachments(world.elsewhere.tenant_session(TENANT))


def freeze(world: World, folder: Path) -> None:
    """Freeze the tenant, and let it in again."""
    provisioning = world.server.provisioning()
    databases.freeze(provisioning, TENANT)
    assert databases.is_frozen(provisioning, TENANT)
    databases.thaw(provisioning, TENANT)
    assert not databases.is_frozen(provisioning, TENANT)


DEEDS: dict[str, Callable[[World, Path], object]] = {
    "content": lambda world, folder: content(world.server.tenant_session(TENANT)),
    "attachments": lambda world, folder: attachments(world.server.tenant_session(TENANT)),
    "look": lambda world, folder: look(world.server, TENANT, MOMENT),
    "first change": lambda world, folder: first_change(world.server.tenant_session(TENANT), "", LATER),
    "leave": leave,
    "carry": lambda world, folder: carry(world),
    "freeze": freeze,
    "remove": lambda world, folder: removal.remove(world.server, TENANT),
}
"""All that is done in a tenant's database, or with it."""


@pytest.mark.parametrize("case", CASES)
def test_whoever_falls_in_is_the_tenant(fresh: World, case: str, tmp_path: Path) -> None:
    """All is done, or it is said what could not be; the neighbour is as it was."""
    fresh.run(TENANT, *kinds.FIRST, *CASES[case])
    fresh.told()

    refused: dict[str, str] = {}
    for deed, do in DEEDS.items():
        try:
            do(fresh, tmp_path / "export")
        except Inconclusive as reason:
            refused[deed] = str(reason)

    told = fresh.told()
    assert {who for _, *seen in told for who in seen} <= {TENANT}, told
    assert set(refused) <= kinds.MAY_FAIL.get(case, set()), refused
    assert look(fresh.server, NEIGHBOUR, MOMENT) is not None
    if case == "together":
        assert len({kind for kind, *_ in told}) > 10, told


@pytest.mark.parametrize("kind", kinds.REFUSED)
def test_what_no_tenant_can_make(fresh: World, kind: str) -> None:
    """It is the server that refuses it."""
    fresh.run(TENANT, *kinds.FIRST)
    with pytest.raises(Inconclusive, match=r"permission denied|must be|must have|does not exist|not available"):
        fresh.run(TENANT, kinds.REFUSED[kind])


def test_every_trap_is_one(fresh: World) -> None:
    """Whoever is let in as superuser, and works there as one did, falls into each: none of them is dead."""
    server = fresh.server
    fresh.run(TENANT, *kinds.FIRST, *(s for kind in kinds.TOGETHER.values() for s in kind if "ALTER ROLE" not in s))
    opened = f"sed -i '1i local all postgres peer' /tmp/pg_hba.conf; pg_ctl reload -s -D {DATA}/pg"
    server.engine.answer(server.container, ["sh", "-c", opened])
    entering = ["psql", "-U", "postgres", "-d", TENANT, "-c", "SELECT 1"]
    wait_until(lambda: server.engine.run(server.container, entering)[0] == 0, "the superuser is let in")
    fresh.told()

    _as_superuser(server, kinds.CARELESS)

    server.engine.answer(server.container, ["write-access"])
    caught = {kind for kind, session_user, _ in fresh.told() if session_user == "postgres"}
    assert kinds.words() - caught == set()


def _as_superuser(server: DatabaseServer, statements: Sequence[str]) -> None:
    """Run statements one by one in the tenant's database; what fails does not matter here."""
    for statement in statements:
        words = ["psql", "-U", "postgres", "-d", TENANT, "-c", "SET search_path = public, pg_catalog", "-c", statement]
        server.engine.run(server.container, words)
