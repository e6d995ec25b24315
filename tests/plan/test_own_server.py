"""A council with a server of its own: a second server of the instance for it alone, and nothing of anybody else."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from moothall.compilation import compile_all
from moothall.model.planned import Container, Plan, Stack
from moothall.plan import digest
from moothall.plan.containers import COUNCILS
from moothall.resolve import resolve
from moothall.resolve.shares import shares
from moothall.review.comparison import PREVIEWED, REFUSED, compare
from moothall.validation.validate import validate

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = PROJECT / "partnerships" / "northumberland-durham"
TENANT, SERVER = "teesdale", "crm--teesdale"
OWN = "dedicated: true\n      networks: {durham-dc: 10.30.60.0/24, morpeth: 10.20.60.0/24}"
YEAR = 2026


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root with the shipped partnership."""
    shutil.copytree(SHIPPED, tmp_path / "partnerships" / SHIPPED.name)
    return tmp_path


def compiled(root: Path, day: date = date(2026, 11, 22)) -> Plan:
    """Return the plan of the partnership below a root, whose definitions are right."""
    validation = validate(root, day)
    assert validation.diagnostics == ()
    [plan] = compile_all(validation.definitions, day, SHIPPED.name)
    return plan


def give_server(root: Path, text: str = OWN) -> None:
    """Write that the tenant has a server of its own."""
    file = root / "partnerships" / SHIPPED.name / "councils" / f"{TENANT}.yaml"
    file.write_text(file.read_text().replace("    crm:\n", f"    crm:\n      {text}\n"))


def digests(plan: Plan) -> Mapping[str, str]:
    """Return the digest of every stack, by name."""
    return {stack.name: digest(plan, stack, YEAR) for stack in plan.stacks}


def servers(plan: Plan, unit: str) -> Mapping[str, Stack]:
    """Return the stacks of an instance by site."""
    return {stack.site: stack for stack in plan.stacks if (stack.kind, stack.unit) == ("instance", unit)}


def limits(container: Container) -> tuple[object, ...]:
    """Return what a container is and what it may use; of the processors a database server has a share of its own."""
    weight = container.cpu_shares if container.role != "postgres" else None
    return container.key, container.role, container.kind, container.memory_mb, container.shm_mb, weight


def test_only_the_tenant_changes(root: Path) -> None:
    """Every stack that was there has the digest that it had, but the tenant's own."""
    before = digests(compiled(root))
    give_server(root)
    after = digests(compiled(root))

    new = {name for name in after if f".{SERVER}." in name}
    changed = {name for name in before if before[name] != after[name]}
    assert after.keys() - before.keys() == new
    assert {name.split(".")[1] for name in changed} == {TENANT}


def test_it_stands_as_the_instance_does(root: Path) -> None:
    """At each site the same volumes and containers as the shared server has, on a network of its own."""
    give_server(root)
    plan = compiled(root)
    shared, own = servers(plan, "crm"), servers(plan, SERVER)

    assert own.keys() == shared.keys()
    for site, stack in own.items():
        assert [v.key for v in stack.volumes] == [v.key for v in shared[site].volumes]
        assert list(map(limits, stack.containers)) == list(map(limits, shared[site].containers))
    weights = {c.cpu_shares for stack in own.values() for c in stack.containers if c.role == "postgres"}
    assert weights == {COUNCILS}
    assert {n.subnet for stack in own.values() for n in stack.networks} == {"10.30.60.0/24", "10.20.60.0/24"}
    assert {m.instance for m in plan.mirrors} >= {"crm", SERVER}
    assert {b.instance for b in plan.backups} >= {"crm", SERVER}
    assert Counter(d.instance for d in plan.drills)[SERVER] == Counter(d.instance for d in plan.drills)["crm"]


def test_what_people_see_of_the_tenant_stays(root: Path) -> None:
    """Its host name, password, database, containers and certificates are called as before; so is its share."""
    before = compiled(root)
    give_server(root)
    after = compiled(root)

    [old] = [t for t in before.tenants if (t.council, t.instance) == (TENANT, "crm")]
    [new] = [t for t in after.tenants if (t.council, t.instance) == (TENANT, SERVER)]
    assert new.used == "crm"
    kept = ("host_name", "admin_secret", "database", "relay", "application", "gateway", "waiting_application")
    assert [getattr(new, field) for field in kept] == [getattr(old, field) for field in kept]
    lines = [f.text for s in after.stacks for c in s.containers if c.name == new.gateway for f in c.files]
    assert any('"council":"teesdale","instance":"crm"' in text for text in lines)
    assert set(before.certificates) <= set(after.certificates)
    assert {c.name.rpartition(".")[2] for c in {*after.certificates} - {*before.certificates}} == {SERVER}

    day = date(2026, 11, 22)
    [folder] = validate(root, day).definitions.folders
    partnership = resolve(folder, validate(root, day).definitions.modules, day)
    assert TENANT in {share.council for share in shares(folder, partnership) if share.instance == "crm"}


def test_nobody_else_is_on_its_networks(root: Path) -> None:
    """On the networks of the server stand its own containers, and of councils the tenant's alone."""
    give_server(root)
    plan = compiled(root)
    networks = {network.name for stack in servers(plan, SERVER).values() for network in stack.networks}

    users = {
        (container.council, container.instance)
        for stack in plan.stacks
        for container in stack.containers
        if networks & {place.network for place in container.networks}
    }
    assert users == {(None, SERVER), (TENANT, SERVER)}


def test_it_stands_from_the_first_day_of_the_tenancy_and_beyond_its_last(root: Path) -> None:
    """Before the first day nothing of it stands; when the tenancy is over there is data in it still."""
    give_server(root, f"from: 2026-06-01\n      until: 2026-09-01\n      {OWN}")

    assert not servers(compiled(root, date(2026, 5, 31)), SERVER)
    last = compiled(root, date(2026, 11, 22))
    assert servers(last, SERVER)
    assert TENANT not in {tenant.council for tenant in last.tenants}


def test_coming_back_is_reviewed_as_the_tenants_own_change(root: Path) -> None:
    """Nothing is refused and nothing of the server is removed when its council shares again: it is left standing."""
    shared = compiled(root)
    give_server(root)
    own = compiled(root)
    units = {*shared.identities, *(stack.unit for stack in shared.stacks)}

    back = compare(own, shared, units, date(2026, 11, 22))

    assert {review.stack.unit for review in back.stacks} == {TENANT}
    assert {review.status for review in back.stacks} == {PREVIEWED}
    gone = compare(own, shared, units - {TENANT}, date(2026, 11, 22))
    assert SERVER in {review.stack.unit for review in gone.stacks if review.status == REFUSED}
