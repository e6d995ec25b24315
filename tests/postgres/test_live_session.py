"""Whatever a value says, it is a value: nothing of it is obeyed by the shell, by psql or by the server."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from moothall import imagetags, paths
from moothall.docker_engine import containers
from moothall.docker_engine.engine import Engine
from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint
from moothall.operations.offboarding.scratch_server import scratch
from moothall.postgres import databases
from moothall.postgres.server import DatabaseServer

pytestmark = pytest.mark.live
ENDPOINT = Endpoint(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
IMAGE = imagetags.tags(paths.IMAGES)["postgres"]
HOSTILE = (
    "plain",
    "it's",
    'a "name"',
    "'; DROP TABLE public.kept; --",
    '"; DROP TABLE public.kept; --',
    "$(touch /tmp/owned)",
    "`touch /tmp/owned`",
    "\\! touch /tmp/owned",
    "\\'; \\! touch /tmp/owned",
    ":'other' :\"other\" :other",
    "a=b",
    "-f /etc/passwd",
    "E'\\x41'",
    "ümläut € 漢",
)

CHANGES = (
    "have_tenant(:'name', NULL, 1)",
    "drop_tenant(:'name')",
    "set_frozen(:'name', true)",
    "set_lent(:'name', true)",
)
"""What the provisioner can do with a role."""


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    """A server of its own, with a table that nobody is to drop."""
    with scratch(Engine(ENDPOINT), IMAGE, "sessions") as made:
        made.administration().run("CREATE TABLE public.kept (x int)")
        yield made


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_is_a_literal(server: DatabaseServer, text: str) -> None:
    """It comes back as it was given."""
    session = server.administration()

    assert session.document("SELECT json_build_object('text', :'text')", {"text": (str,)}, text=text) == {"text": text}
    assert session.rows("SELECT count(*) FROM public.kept") == [["0"]]
    assert server.engine.run(server.container, ["test", "-e", "/tmp/owned"])[0] != 0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_a_name(server: DatabaseServer, name: str) -> None:
    """A database of any name is made, found and dropped, and no other."""
    session = server.provisioning()

    databases.ensure_role(session, "durham")
    databases.create(session, name, "durham")
    assert databases.exists(session, name)
    databases.drop(session, [name])

    assert not databases.exists(session, name)
    assert server.administration().rows("SELECT count(*) FROM public.kept") == [["0"]]
    assert server.engine.run(server.container, ["test", "-e", "/tmp/owned"])[0] != 0


@pytest.mark.parametrize(
    "name", [*HOSTILE[1:], "postgres", "repl", "provisioner", "moothall.base_sets", "pg_monitor", ""]
)
def test_no_role_is_made_or_touched_that_is_no_tenants(server: DatabaseServer, name: str) -> None:
    """What the provisioner can do with roles it can do with tenants' roles alone, whoever asks it for what."""
    session = server.provisioning()
    roles = session.rows("SELECT * FROM pg_roles ORDER BY 1")

    for change in CHANGES:
        with pytest.raises(Inconclusive, match="is no tenant's role"):
            session.run(f"SELECT moothall.{change}", name=name)

    assert session.rows("SELECT * FROM pg_roles ORDER BY 1") == roles


def test_a_statement_that_fails_ends_the_script(server: DatabaseServer) -> None:
    """What stood before it is done, what stands behind it is not, and the server's own words are told."""
    session = server.administration()
    script = "CREATE TABLE public.before (x int);\nSELECT 1/0;\nCREATE TABLE public.behind (x int)"

    with pytest.raises(Inconclusive, match=r"psql in .* ended with \d: ERROR:  division by zero"):
        session.run(script)

    there = "SELECT relname FROM pg_class WHERE relname IN ('before', 'behind')"
    assert session.rows(there) == [["before"]]


def test_null_is_an_empty_text(server: DatabaseServer) -> None:
    """A row of nothing else is a row."""
    assert server.administration().rows("SELECT NULL; SELECT 1, NULL") == [[""], ["1", ""]]


def test_it_says_whether_it_takes_writes(server: DatabaseServer) -> None:
    """It does; a container that is not there does not."""
    assert server.takes_writes()
    assert not DatabaseServer(server.engine, "nobody").takes_writes()


def test_an_answer_has_an_end(server: DatabaseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers for ever fills no memory here."""
    monkeypatch.setattr(containers, "MOST_BYTES", 10_000)
    with pytest.raises(Inconclusive, match="prints more than 10000 bytes"):
        server.administration().rows("SELECT repeat('x', 20000)")
    assert server.administration().rows("SELECT repeat('x', 200)") == [["x" * 200]]
