"""Where the lines of gateways and servers go: every way ends at the store, and only senders' keys are known there."""

from __future__ import annotations

import re
import shutil
from datetime import date
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from moothall.compilation import compile_all
from moothall.model.planned import Container, Plan
from moothall.plan import trail
from moothall.validation.validate import validate

DAY = date(2008, 6, 1)
CASE = Path(__file__).parents[1] / "cases" / "valid" / "two-councils"
DIRECT = "    - {between: [hill, pass], network: 10.99.1.0/24}\n"
MIRROR = "      mirror: {site: vale, network: 10.3.1.0/24}\n"
BACKUP = "      backup: {site: vale, every: 1h, keep: {full: 2}}\n"
UNTIL = "      until: 2010-01-01\n"
OWN = f"{UNTIL}      dedicated: true\n      networks: {{hill: 10.1.2.0/24, vale: 10.3.2.0/24}}\n"
"""In the file of the council whose own the server is."""
WAYS = {
    "one link": ("pass", {}),
    "at the site of the instance": ("hill", {}),
    "at the site of the mirror": ("vale", {}),
    "through the mirror's site": ("pass", {DIRECT: "", "local: 10.3.0.0/24}": "local: 10.3.0.0/24, transit: true}"}),
    "through a site between": ("far", {}),
    "without a mirror": ("pass", {MIRROR: "", BACKUP: ""}),
    "through a site between, without a mirror": ("far", {MIRROR: "", BACKUP: ""}),
    "from a council's own server": ("pass", {UNTIL: OWN}),
    "from a council's own server, through a site between": ("far", {UNTIL: OWN}),
}
FAR_SITE = "    far: {owner: barton, network: 10.4.0.0/16, local: 10.4.0.0/24}\n"
FAR_LINK = "    - {between: [pass, far], network: 10.99.3.0/24}\n"


def planned(folder: Path, site: str, changes: dict[str, str], logs: str = "{{site: {site}, keep: 30d}}") -> Plan:
    """Return the plan of two councils whose logs are gathered at a site; there is a far one as well."""
    root = folder / "root"
    shutil.copytree(CASE, root)
    file = root / "partnerships" / "dales" / "partnership.yaml"
    text = file.read_text().replace("  links:\n", f"{FAR_SITE}  links:\n").replace(DIRECT, DIRECT + FAR_LINK)
    file.write_text(f"{text}  logs: {logs.format(site=site)}\n")
    for old, new in changes.items():
        [file] = [each for each in root.rglob("*.yaml") if old in each.read_text()]
        file.write_text(file.read_text().replace(old, new))
    [plan] = compile_all(validate(root, DAY).definitions, DAY, "dales")
    return plan


def all_containers(plan: Plan) -> list[Container]:
    """Return every container of a plan."""
    return [container for stack in plan.stacks for container in stack.containers]


def configuration(container: Container) -> str:
    """Return what a proxy is told."""
    return next(file.text for file in container.files if file.path == "/cfg/haproxy.cfg")


def next_of(plan: Plan, container: Container, door: str, source: str) -> tuple[Container, str]:
    """Return who is dialled for a connection that comes in at a door from a network, and from which network."""
    section = re.search(rf"^frontend {door}\n(.*?)(?=^frontend|\Z)", configuration(container), re.M | re.S)
    assert section
    rules = re.findall(r"use_backend (\S+) if \{ src (\S+) \}", section[1])
    [backend] = [name for name, network in rules if network == source]
    host = re.search(rf"^backend {backend}\n +server next (\S+):{trail.LINK_PORT}$", section[1], re.M)
    assert host
    subnets = {network.name: network.subnet for stack in plan.stacks for network in stack.networks}
    own = {place.network for place in container.networks}
    found = [
        (other, subnets[place.network])
        for other in all_containers(plan)
        for place in other.networks
        if host[1] in place.aliases and place.network in own
    ]
    assert len(found) == 1, host[1]
    return found[0]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_ends_at_the_store(tmp_path: Path, way: str) -> None:
    """From the address that gateway and server dial, over whatever is between, each by a name that it can resolve."""
    plan = planned(tmp_path, *WAYS[way])
    [store] = [container for container in all_containers(plan) if container.role == "logs"]
    senders = [container for container in all_containers(plan) if container.role in ("gateway", "postgres")]
    assert len({container.role for container in senders}) == 2
    for sender in senders:
        if sender.role == "postgres":
            address = sender.environment["STORE"].partition(":")[0]
        else:
            found = re.search(rf"server store ([0-9.]+):{trail.PORT} ssl ", configuration(sender))
            assert found
            address = found[1]
        networks = {place.network for place in sender.networks}
        [here] = [
            container
            for container in all_containers(plan)
            for place in container.networks
            if place.address == address and place.network in networks
        ]
        subnets = [network.subnet for stack in plan.stacks for network in stack.networks]
        [source] = [subnet for subnet in subnets if ip_address(address) in ip_network(subnet)]
        door = "logs_out"
        for _ in range(5):
            here, source = next_of(plan, here, door, source)
            if here is store:
                break
            door = "logs_in"
        assert here is store


@pytest.mark.parametrize("way", WAYS)
def test_whoever_stands_on_a_network_waits_for_its_stack(tmp_path: Path, way: str) -> None:
    """And no two stacks wait for each other."""
    plan = planned(tmp_path, *WAYS[way])
    holders = {network.name: stack.name for stack in plan.stacks for network in stack.networks}
    needs = {stack.name: set(stack.needs) for stack in plan.stacks}
    for stack in plan.stacks:
        for container in stack.containers:
            used = {holders[place.network] for place in container.networks} - {stack.name}
            assert used <= needs[stack.name], container.name
    while needs:
        ready = {name for name, waits_for in needs.items() if not waits_for & needs.keys()}
        assert ready
        needs = {name: waits_for for name, waits_for in needs.items() if name not in ready}


@pytest.mark.parametrize("changes", [{}, {UNTIL: OWN}], ids=["shared", "own"])
def test_the_store_knows_its_senders_alone(tmp_path: Path, changes: dict[str, str]) -> None:
    """Gateways and servers by their very keys; not relays, agents or jobs. Another sender restarts nothing."""
    plan = planned(tmp_path, "pass", changes)
    assert plan.trail
    [store] = [container for container in all_containers(plan) if container.role == "logs"]
    senders = next(file.text for file in store.files if file.path == "/cfg/senders").splitlines()
    names = [re.fullmatch(r"<<thumbprint:(\S+)>> (\S+)", line) for line in senders]
    assert all(found and found[1] == found[2] and found[1] in plan.leaves for found in names)
    assert {found[1] for found in names if found and found[1].startswith("pg-")} == {*plan.trail.servers}
    assert len(plan.trail.servers) == (4 if changes else 2)
    assert {line.rpartition(" ")[2].split(".")[0] for line in senders} == {"gateway", "pg-hill", "pg-vale"}
    assert {"/cfg/ca.crt", "/cfg/store.pem", "/cfg/senders"} == {*store.leaf_files}


def test_a_plan_of_one_council_knows_all_senders(tmp_path: Path) -> None:
    """Or its `up` would shut the others out."""
    whole = planned(tmp_path, "pass", {})
    root = tmp_path / "root"
    [part] = compile_all(validate(root, DAY).definitions, DAY, "dales", councils=["barton"])
    stores = [c for plan in (whole, part) for c in all_containers(plan) if c.role == "logs"]
    assert stores[0] == stores[1]
    assert {leaf.name for leaf in part.certificates if leaf.name.startswith("gateway.")} == {
        leaf.name for leaf in whole.certificates if leaf.name.startswith("gateway.")
    }


def test_nothing_is_sent_where_nothing_is_gathered() -> None:
    """Lines stay with the containers, and gateways are no clients of anybody."""
    [plan] = compile_all(validate(CASE, DAY).definitions, DAY, "dales")
    assert plan.trail is None
    for container in all_containers(plan):
        assert "STORE" not in container.environment
        assert container.role != "gateway" or "ring" not in configuration(container)
    assert {leaf.usages for leaf in plan.certificates if leaf.name.startswith("gateway.")} == {("server",)}


@pytest.mark.parametrize(("keep", "days"), [("365d", 365), ("36h", 2), ("1s", 1)])
def test_lines_are_kept_for_whole_days(tmp_path: Path, keep: str, days: int) -> None:
    """For as long as is asked for, and no day less."""
    plan = planned(tmp_path, "pass", {}, f"{{{{site: pass, keep: {keep}}}}}")
    assert plan.trail
    assert plan.trail.keep_days == days
