"""What the copy holds against what runs: table by table, and what was written since."""

from __future__ import annotations

from moothall.model.planned import TenantPlan
from moothall.postgres.changes import Database


def compare(tenant: TenantPlan, live: Database | None, copy: Database | None) -> dict[str, object]:
    """Return the comparison of one tenant as JSON-able data; `writtenSince` counts what only the live one has."""
    return {
        "council": tenant.council,
        "database": tenant.database,
        "live": live.view() if live else None,
        "copy": copy.view() if copy else None,
        "writtenSince": sum(table.later for table in live.tables.values()) if live else 0,
        "differences": _differences(live, copy) if live and copy else [],
        "notCompared": None,
    }


def not_compared(tenant: TenantPlan, reason: str) -> dict[str, object]:
    """Return, in place of the comparison, that there can be none, and why; what a swap would lose is not known."""
    unknown: dict[str, object] = {
        "live": None,
        "copy": None,
        "writtenSince": None,
        "differences": [],
        "notCompared": reason,
    }
    return {"council": tenant.council, "database": tenant.database, **unknown}


def _differences(live: Database, copy: Database) -> list[dict[str, object]]:
    """Return the tables that differ in the number of their rows or in when they were last changed."""
    found: list[dict[str, object]] = []
    for name in sorted(live.tables.keys() | copy.tables.keys()):
        here, there = live.tables.get(name), copy.tables.get(name)
        if here is None or there is None or (here.rows, here.last) != (there.rows, there.last):
            found.append(
                {
                    "table": name,
                    "live": here.rows if here else None,
                    "copy": there.rows if there else None,
                    "writtenSince": here.later if here else 0,
                }
            )
    return found
