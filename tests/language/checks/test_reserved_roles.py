"""No council can have the name of a role or a database that is not a tenant's own: all that are made are held against
the rule."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall import paths
from moothall.language.rules.names.engine_name import is_taken
from moothall.model.name import PATTERN, is_name
from moothall.model.planned import TenantPlan
from moothall.model.roles import FORMER, OWN
from moothall.operations.restore.tenant import staging

TENANT = "a tenant"
MADE = {"images/postgres/lib/roles.sql": TENANT}
"""Where a role is made whose name does not stand in the statement: it is a tenant's, or that and a dot and a word."""

LITERAL = r"(?:CREATE (?:ROLE|USER) \"?|--username[ =]|-U |\buser=(?=[a-z_]+ ))([a-z_.]+)"
COMPUTED = r"(?:CREATE (?:ROLE|USER)|createuser) *(?:[\"'`:]?[{%$+']|\"\")"


def sources() -> list[Path]:
    """Return everything that is installed or run: the images and the code."""
    found = [*paths.IMAGES.rglob("*"), *(paths.PROJECT / "src").rglob("*")]
    return [path for path in found if path.is_file() and path.suffix not in (".pyc", ".txt", ".dump", ".gz")]


def text_of(path: Path) -> str:
    """Return the text of a file; what is no text makes no role."""
    return path.read_bytes().decode("utf-8", "replace")


def roles() -> set[str]:
    """Return every role that is named in a statement."""
    return {name for path in sources() for name in re.findall(LITERAL, text_of(path))}


def test_every_statement_that_makes_a_role_is_known() -> None:
    """A new one with a name from elsewhere has to say here whose name that is."""
    computed = {str(path.relative_to(paths.PROJECT)) for path in sources() if re.search(COMPUTED, text_of(path))}

    assert computed == set(MADE)


def test_the_roles_are_found() -> None:
    """Otherwise the next test could pass for nothing: what is made anywhere is what the code knows as roles of ours."""
    assert set(OWN) <= roles() <= {*OWN, *FORMER}


def test_servers_take_the_same_roles_for_no_tenants() -> None:
    """The lists in the images, which cannot ask the code, hold every role of ours whose name could be a tenant's."""
    without_dot = {role for role in OWN if "." not in role}
    for name in ("lib/roles.sql", "bin/write-access"):
        lists = re.findall(r"IN \(('postgres'[^)]*)\)", text_of(paths.IMAGES / "postgres" / name))
        assert [set(re.findall(r"'([^']+)'", each)) for each in lists] == [without_dot], name


@pytest.mark.parametrize("role", sorted(roles()))
def test_no_council_can_have_the_name_of_a_role(role: str) -> None:
    """A council's name is that of its role, with `_` for `-`, and has no dot."""
    assert is_taken(role.replace("_", "-")) or not is_name(role.replace("_", "-"))


DATABASES = {
    "images/tryton/lib/tenant/templates.py": 'f"moothall.{base_set.stem}.',
    "images/tryton/lib/tenant/server.py": 'f"{tenant}.copy"',
    "src/moothall/payloads/ledger_import/databases.py": 'f"{tenant}.{which}"',
    "src/moothall/postgres/databases.py": 'CREATE DATABASE :"name"',
    "src/moothall/operations/offboarding/page.py": "createdb --owner {database}",
    "images/tryton/base-sets/make-sets.py": "",
}
"""Where databases are made, and what their names are made of: a dot, which no council's name has. Those of `postgres/`
are named by who restores; the last two are no instance's: a leaver's own, and in the server that makes an image."""


def test_every_statement_that_makes_a_database_is_known() -> None:
    """A new one has to say here what it is called."""
    texts = {str(path.relative_to(paths.PROJECT)): text_of(path) for path in sources()}

    assert {name for name, text in texts.items() if re.search(r"CREATE DATABASE|\bcreatedb\b", text)} == set(DATABASES)
    for name, made_of in DATABASES.items():
        assert made_of in texts[name], name


@given(st.from_regex(PATTERN, fullmatch=True))
def test_what_a_restore_makes_beside_is_no_councils(name: str) -> None:
    """Whatever the tenant is called: neither it, nor another."""
    tenant = cast("TenantPlan", SimpleNamespace(database=name.replace("-", "_")))
    assert not is_name(staging(tenant).replace("_", "-"))


@pytest.mark.parametrize("database", ["postgres", "template0", "template1"])
def test_no_council_has_a_database_of_every_server(database: str) -> None:
    """They are made with the server."""
    assert is_taken(database)
