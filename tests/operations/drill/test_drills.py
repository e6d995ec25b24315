"""Drills without an engine: the isolated copy's definitions, and what evidence says about the next one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from moothall import paths
from moothall.failures import Inconclusive
from moothall.imagetags import tags
from moothall.model.planned import DrillPlan
from moothall.model.resolved import Partnership
from moothall.operations.drill.measurement import Measurement
from moothall.operations.drill.run import retry_on_taken_network
from moothall.operations.drill.sandbox import NetworkTaken, used_networks
from moothall.operations.drill.sandbox_definitions import sandbox_partnership
from moothall.operations.drill.schedule import drill_results, last_drill_dates
from moothall.plan import compile_plan
from moothall.resolve import resolve
from moothall.validation.validate import validate

DAY = date(2026, 11, 22)
NAME = "northumberland-durham"
FOREIGN = [{"began": "evil"}, {"began": 7}, {"drill": []}, {"partnership": {}}, {"instance": []}, {"outcome": None}]
"""What is wrong with evidence that counts for nothing, and stops nobody."""


@pytest.fixture(scope="module")
def shipped() -> Partnership:
    """Northumberland and Durham on a day."""
    definitions = validate(paths.PROJECT, DAY).definitions
    [folder] = [folder for folder in definitions.folders if folder.partnership.metadata.name == NAME]
    return resolve(folder, definitions.modules, DAY)


def test_the_copy_shares_no_network_and_no_name(shipped: Partnership) -> None:
    """Nothing of the copy lies in a network of the partnership or of the engine, nor has a name of theirs."""
    busy = [IPv4Network("10.0.0.0/14"), IPv4Network("172.17.0.0/16")]
    copy = compile_plan(sandbox_partnership(shipped, "erp", ["durham", "northumberland"], busy), tags(paths.IMAGES))
    real = compile_plan(shipped, tags(paths.IMAGES))

    taken = [*busy, *(IPv4Network(n.subnet) for stack in real.stacks for n in stack.networks)]
    networks = [IPv4Network(n.subnet) for stack in copy.stacks for n in stack.networks]
    assert not any(one.overlaps(other) for one in networks for other in taken)
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))
    named = [{c.name for stack in plan.stacks for c in (*stack.containers, *stack.volumes)} for plan in (copy, real)]
    assert named[0].isdisjoint(named[1])
    assert {(tenant.council, tenant.instance) for tenant in copy.tenants} == {
        ("durham", "erp"),
        ("northumberland", "erp"),
    }
    assert not any(container.ports for stack in copy.stacks for container in stack.containers)
    assert copy.backups == ()


def test_what_is_free_is_left_to_others_where_networks_were_taken(shipped: Partnership) -> None:
    """A copy that leaves some networks to others has none of those that it would have had, or that it leaves."""
    first, other = (sandbox_partnership(shipped, "erp", ["durham"], [], spare) for spare in (0, 6))

    wholes = [[site.space for site in copy.sites.values()] for copy in (first, other)]
    assert not any(one.overlaps(another) for one in wholes[0] for another in wholes[1])
    assert sorted(space.prefixlen for space in wholes[0]) == sorted(space.prefixlen for space in wholes[1])


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_a_drill_whose_networks_were_taken_chooses_again(taken: int) -> None:
    """Others may be faster more than once; what was measured in the end counts."""
    measured, asked = Measurement(1.0, 0.0, ()), []

    def drill(spare: int) -> Measurement:
        asked.append(spare)
        if len(asked) <= taken:
            raise NetworkTaken("somebody was faster")
        return measured

    assert retry_on_taken_network(drill) is measured
    assert asked[0] == 0
    assert len(asked) == taken + 1


def test_a_drill_does_not_choose_for_ever() -> None:
    """Who is never fast enough is told what the engine said; what else goes wrong is not tried again."""
    asked = []

    def drill(reason: Inconclusive) -> Callable[[int], Measurement]:
        def fail(spare: int) -> Measurement:
            asked.append(spare)
            raise reason

        return fail

    with pytest.raises(NetworkTaken, match="somebody was faster"):
        retry_on_taken_network(drill(NetworkTaken("somebody was faster")))
    assert len(asked) == 4
    with pytest.raises(Inconclusive, match="no disk"):
        retry_on_taken_network(drill(Inconclusive("no disk")))
    assert len(asked) == 5


def test_networks_of_others_may_be_written_in_any_way() -> None:
    """With bits of a host in them, or none of version 4 at all."""
    pools = [{"Subnet": "10.1.2.3/24"}, {"Subnet": "fd00::/64"}, {}]
    engine: Any = SimpleNamespace(networks=lambda: [{"IPAM": {"Config": pools}}, {"IPAM": None}, {}])
    assert used_networks(engine) == [IPv4Network("10.1.2.0/24")]


def test_one_council_is_copied_alone(shipped: Partnership) -> None:
    """The drill of one council's restore stands up that council's tenant and no other."""
    copy = sandbox_partnership(shipped, "erp", ["durham"], [])

    assert set(copy.councils) == {"durham"}
    assert [tenant.council for tenant in copy.tenants] == ["durham"]


@pytest.mark.parametrize(
    ("days", "outcome", "council", "status"),
    [
        (90, "passed", None, "passed"),
        (91, "passed", None, "failed"),
        (1, "failed", None, "passed"),
        (1, "could-not-run", None, "failed"),
        (1, "passed", "durham", "failed"),
    ],
)
def test_when_a_drill_is_due(
    shipped: Partnership, tmp_path: Path, days: int, outcome: str, council: str | None, status: str
) -> None:
    """A drill of the instance that ran counts from its day; one that could not run, or of one tenant, does not."""
    evidence = {"drill": "restore", "partnership": NAME, "instance": "erp", "council": council, "outcome": outcome}
    began = {"began": f"{DAY - timedelta(days=days)}T03:00:00+00:00"}
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "one.json").write_text(json.dumps(evidence | began))
    (tmp_path / "evidence" / "other.json").write_text("[1, 2")
    plan = replace(compile_plan(shipped, tags(paths.IMAGES)), drills=(DrillPlan("erp", "restore", 90 * 86400),))

    for number, change in enumerate(FOREIGN):
        (tmp_path / "evidence" / f"{number}.json").write_text(json.dumps(evidence | began | change))
    (tmp_path / "evidence" / "deep.json").write_text("[" * 100_000)

    [found] = drill_results(plan, last_drill_dates(tmp_path))

    assert (found.id, found.status) == ("drill.erp.restore", status)
    assert bool(found.hint) == (status == "failed")
