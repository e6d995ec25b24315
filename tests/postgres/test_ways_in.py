"""Who opens a session in a tenant's database is the tenant: one function opens it, and nobody else is let in."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from moothall import imagetags, paths
from moothall.docker_engine.engine import Engine
from moothall.model.engines import Endpoint
from moothall.model.roles import OWN, PROVISIONER, SUPERUSER
from moothall.operations.offboarding.scratch_server import scratch
from moothall.postgres import databases
from moothall.postgres.server import DatabaseServer

SOURCE = paths.PROJECT / "src/moothall"
OPENER = "postgres/server.py"
STRONGER = re.compile(
    r"\bSET (?:LOCAL |SESSION )*ROLE\b(?! NONE)|SET SESSION AUTHORIZATION|--role=|options=-c.{0,3}role"
)
"""How a session would become somebody else."""
PROBE = "payloads/probe/roles.py"
"""What tries all of that, to see it refused."""
ENDPOINT = Endpoint(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
IMAGE = imagetags.tags(paths.IMAGES)["postgres"]


def made_sessions(file: Path) -> Iterator[str]:
    """Yield the function around each place in a file where a session is made."""
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            names = {node.func.id for node in ast.walk(function) if _is_call(node)}
            if "Session" in names:
                yield function.name


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_one_function_opens_sessions_of_a_tenant() -> None:
    """The two others open such of the superuser and of the provisioner, on the database that is nobody's."""
    rooms = [file for file in SOURCE.rglob("*.py") if "pulumi_engine" not in file.parts]
    found = {file.relative_to(SOURCE).as_posix(): sorted(made_sessions(file)) for file in rooms}

    assert {file: names for file, names in found.items() if names} == {
        OPENER: ["administration", "provisioning", "tenant_session"]
    }


def test_nobody_becomes_somebody_else() -> None:
    """Neither here nor in what runs inside containers; what tries it is the probe."""
    files = [*SOURCE.rglob("*.py"), *(path for path in paths.IMAGES.rglob("*") if path.is_file())]
    texts = {file.relative_to(paths.PROJECT).as_posix(): file.read_bytes().decode(errors="replace") for file in files}

    assert {name for name, text in texts.items() if STRONGER.search(text)} == {f"src/moothall/{PROBE}"}


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    """A server with two tenants, of whom one has a former state, and a template."""
    with scratch(Engine(ENDPOINT), IMAGE, "ways-in") as made:
        session = made.provisioning()
        for tenant in ("durham", "derwentside"):
            databases.ensure_role(session, tenant)
            databases.create(session, tenant, tenant)
        databases.create(session, "durham.restored", "durham")
        databases.create(session, "moothall.kernel", "durham")
        made.tenant_session("derwentside").enter()  # who is known by now is all there are
        yield made


@pytest.mark.live
def test_who_gets_in_where(server: DatabaseServer) -> None:
    """Over the socket, by the server's own user, who could be each of them if the rules let it."""
    roles = (*OWN, "durham", "derwentside", "root")
    bases = ("postgres", "template1", "durham", "durham.restored", "derwentside", "moothall.kernel")

    let_in = {
        (role, base)
        for role, base in product(roles, bases)
        if server.engine.run(server.container, ["psql", "-U", role, "-d", base, "-c", "SELECT 1"])[0] == 0
    }

    assert let_in == {
        (SUPERUSER, "postgres"),
        (SUPERUSER, "template1"),
        (PROVISIONER, "postgres"),
        ("durham", "durham"),
        ("durham", "durham.restored"),
        ("durham", "moothall.kernel"),  # this one was made for it
        ("derwentside", "derwentside"),
    }


@pytest.mark.live
def test_the_provisioner_is_no_superuser_and_becomes_none(server: DatabaseServer) -> None:
    """Whatever PostgreSQL 15 would let a role with CREATEROLE do, and what its own functions could be talked into."""
    session = server.provisioning()
    powers = (
        "SELECT rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = CURRENT_USER"
    )
    assert session.rows(powers) == [["f"]]
    assert session.rows("SELECT rolname FROM pg_roles WHERE pg_has_role(CURRENT_USER, oid, 'MEMBER') ORDER BY 1") == [
        ["pg_signal_backend"],
        [PROVISIONER],
    ]
    for attempt in (
        "GRANT pg_execute_server_program TO provisioner",
        "CREATE ROLE other SUPERUSER",
        "ALTER ROLE provisioner CREATEROLE",
        "ALTER ROLE durham SUPERUSER",
        "GRANT durham TO provisioner",
        "SET ROLE durham",
        "SET ROLE postgres",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION moothall.check_tenant(tenant text) RETURNS void LANGUAGE sql AS ''",
        "ALTER FUNCTION moothall.take(text) OWNER TO provisioner",
        "ALTER DATABASE postgres OWNER TO provisioner",
        "CREATE DATABASE other OWNER durham",
        "SELECT moothall.give('durham', 'durham')",
        "SELECT moothall.give('postgres', 'durham')",
        "SELECT moothall.set_lent('durham', true)",
        "SELECT moothall.set_door('durham', 'postgres', true)",
        "SELECT moothall.set_door('durham', 'derwentside', true)",
        "SELECT moothall.take('template1')",
        "SELECT moothall.have_tenant('durham', 'secret', 1)",
        "SELECT moothall.have_tenant('moothall.frozen', NULL, 1)",
    ):
        code, said = server.engine.run(
            server.container, ["psql", "-U", PROVISIONER, "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", attempt]
        )
        assert code, (attempt, said)
