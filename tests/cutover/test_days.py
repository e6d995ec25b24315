"""The two days of a use that replaces a system: from one the tenant stands, from the other it is used."""

from __future__ import annotations

import json

import pytest
from tests.commands.front_door import moothall

from moothall.paths import PROJECT


@pytest.mark.parametrize(("day", "stands"), [("2007-12-14", False), ("2007-12-15", True), ("2008-01-01", True)])
def test_the_tenant_stands_for_its_data(day: str, stands: bool) -> None:
    """Durham's tenant of the ERP is there two weeks before the use begins, with its modules."""
    words = ("--partnership", "northumberland-durham", "--as-of", day, "--format", "json")
    run = moothall("plan", PROJECT, *words)

    assert run.returncode == 0, run
    plan = json.loads(run.stdout)
    found = [t for t in plan["tenants"] if (t["council"], t["instance"]) == ("durham", "erp")]
    assert [sorted(tenant["modules"]) for tenant in found] == ([["finance", "procurement"]] if stands else [])
    waiting = [use["instance"] for use in plan["planned"] if (use["council"], use["module"]) == ("durham", None)]
    assert ("erp" in waiting) is not stands
