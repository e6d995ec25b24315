"""SQL stands in its room alone, but for programs that run inside containers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from moothall import paths, postgres
from moothall.plan.config import postgres as configuration
from moothall.postgres import databases

ROOM = Path(postgres.__file__).parent
INSIDE = ("payloads/", "plan/config/")
"""What runs inside containers, or goes into them as it is."""
SQL = re.compile(
    r"\b(SELECT\b.*\bFROM|SELECT pg_|INSERT INTO|(ALTER|CREATE|DROP) (DATABASE|ROLE|SYSTEM|TABLE)|COMMENT ON)\b"
    r"|^(psql|pg_dump|pg_restore)$",
    re.DOTALL,
)


def texts(file: Path) -> Iterator[str]:
    """Yield every text that a file holds, but what it says of itself."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_sql_is_written_in_postgres_alone() -> None:
    """Whoever needs another statement adds a function to the room."""
    source = ROOM.parent
    files = {file.relative_to(source).as_posix(): file for file in source.rglob("*.py")}
    written = {name for name, file in files.items() if any(SQL.search(text) for text in texts(file))}

    assert any(name.startswith("postgres/") for name in written)
    assert {name for name in written if not name.startswith(("postgres/", *INSIDE))} == set()


def test_a_freeze_waits_for_every_login_that_had_begun() -> None:
    """What the server is told, and what is waited for, stand in rooms that do not know each other."""
    assert databases.LOGIN_SECONDS > configuration.AUTHENTICATION_SECONDS


def test_who_is_frozen_is_known_by_one_name() -> None:
    """To the access rules, to who asks, to the function that does it, and to the job."""
    roles, job = paths.IMAGES / "postgres/lib/roles.sql", paths.IMAGES / "tryton/lib/tenant/server.py"
    name = f"'{configuration.FROZEN}'"

    assert all(name in text for text in (databases._FROZEN, roles.read_text(), job.read_text()))
