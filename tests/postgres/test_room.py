"""SQL stands in its room alone, but for programs that run inside containers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from moothall import postgres

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
