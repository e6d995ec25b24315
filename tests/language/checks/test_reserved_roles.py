"""No council can have the name of a role that is not a tenant's own: every role made is held against the rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moothall import paths
from moothall.language.rules.names.engine_name import is_taken
from moothall.model.name import is_name

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
    """Otherwise the next test could pass for nothing."""
    assert {"postgres", "repl", "provisioner", "moothall.base_sets", "moothall.frozen"} <= roles()


@pytest.mark.parametrize("role", sorted(roles()))
def test_no_council_can_have_the_name_of_a_role(role: str) -> None:
    """A council's name is that of its role, with `_` for `-`, and has no dot."""
    assert is_taken(role.replace("_", "-")) or not is_name(role.replace("_", "-"))
