"""Whose keys a council's are: the store of logs knows them, and a request about the council reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.plan.test_trail_ways import DAY, OWN, UNTIL, planned

from moothall.operations.context import Context
from moothall.operations.stacks.deployed import selection
from moothall.operations.stacks.trail import senders_of
from moothall.ports import Silent

ALL = {"dales.hill", "dales.pass", "dales.vale", "dales.far"}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"council": "alston"}, {"dales.alston.hill", "dales.alston.vale", "dales.pass"}),
        ({"instance": "ledger"}, {"dales.ledger.hill", "dales.ledger.vale", "dales.ledger.pass", "dales.pass"}),
        ({"council": "alston", "site": "hill"}, {"dales.alston.hill"}),
        ({"site": "far"}, {"dales.far"}),
    ],
)
def test_the_store_follows_its_senders(tmp_path: Path, chosen: dict[str, str], expected: set[str]) -> None:
    """A council that joins, or has other keys, is heard at once; a site is that site alone."""
    plan = planned(tmp_path, "pass", {})
    context = Context(tmp_path, tmp_path, DAY, Silent(), "dales", **chosen)  # type: ignore[arg-type]

    selects = selection(context, plan)

    names = {stack.name for stack in plan.stacks}
    assert names > ALL
    assert {stack.name for stack in plan.stacks if selects(stack)} == expected & names


@pytest.mark.parametrize("changes", [{}, {UNTIL: OWN}], ids=["shared", "own"])
def test_the_lines_of_a_council_are_those_of_both_servers(tmp_path: Path, changes: dict[str, str]) -> None:
    """What was said of it before it moved is its own as much as what is said after that."""
    plan = planned(tmp_path, "pass", changes)
    assert plan.trail

    gateways, databases = senders_of(plan, plan.trail, "alston")

    assert sorted(gateways) == ["gateway.alston.ledger.hill", "gateway.alston.ledger.vale"]
    servers = (f"pg-{site}.{instance}" for site in ("hill", "vale") for instance in ("ledger", "ledger--alston"))
    assert databases == {server: ["alston"] for server in servers}
