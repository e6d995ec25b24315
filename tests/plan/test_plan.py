"""Laws of the plan: the same bytes from the same files, nothing from comments, addresses that never meet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from moothall.compilation import compile_all
from moothall.model.planned import Plan
from moothall.plan import addresses, digest
from moothall.validation.validate import validate

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = PROJECT / "partnerships" / "northumberland-durham"


def compiled(root: Path, day: str = "2026-11-22") -> Plan:
    """Return the plan of Northumberland and Durham below a root."""
    as_of = date.fromisoformat(day)
    [plan] = compile_all(validate(root, as_of).definitions, as_of, SHIPPED.name)
    return plan


def test_same_files_same_bytes() -> None:
    """Two processes with different hash seeds print the same plan."""
    command = [
        sys.executable,
        "-m",
        "moothall",
        "plan",
        "--format",
        "json",
        "--as-of",
        "2026-11-22",
        "--partnership",
        SHIPPED.name,
    ]
    outputs = {
        subprocess.run(
            [*command, "--root", str(PROJECT)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1


def test_a_comment_changes_no_digest(tmp_path: Path) -> None:
    """Lines that move without meaning anything leave every stack's digest as it was."""
    folder = tmp_path / "partnerships" / SHIPPED.name
    shutil.copytree(SHIPPED, folder)
    before = compiled(tmp_path)
    for file in folder.rglob("*.yaml"):
        file.write_text(file.read_text().replace("\nspec:", "\n# a comment\n\nspec:"))

    after = compiled(tmp_path)

    assert before == after
    assert [digest(before, stack, 2026) for stack in before.stacks] == [digest(after, s, 2026) for s in after.stacks]


def test_a_joining_council_changes_no_other_stack(tmp_path: Path) -> None:
    """One new file: every other stack has the digest that it had."""
    folder = tmp_path / "partnerships" / SHIPPED.name
    shutil.copytree(SHIPPED, folder)
    before = compiled(tmp_path)
    text = (folder / "councils" / "teesdale.yaml").read_text()
    joined = text.replace("teesdale", "weardale").replace("10.30.21.0/24", "10.30.60.0/24")
    uid = next(line for line in text.splitlines() if "uid:" in line)
    joined = joined.replace(uid, "  uid: 3e1b8a54-40c7-4a53-9a3c-95d1f3a0c1aa")
    (folder / "councils" / "weardale.yaml").write_text(joined)

    after = compiled(tmp_path)

    changed = {
        s.name for s in after.stacks if digest(after, s, 2026) not in {digest(before, b, 2026) for b in before.stacks}
    }
    assert changed == {f"northumberland-durham.weardale.{site}" for site in ("consett", "durham-dc", "morpeth")}


def test_a_council_alone_is_what_it_is_among_all() -> None:
    """Compiled without the others, a council has the stacks that it has with them, and everybody is still known."""
    as_of = date(2026, 11, 22)
    loaded = validate(PROJECT, as_of)
    [whole] = compile_all(loaded.definitions, as_of, SHIPPED.name)

    for council in whole.identities:
        [alone] = compile_all(loaded.definitions, as_of, SHIPPED.name, councils=[council])
        own = [stack for stack in whole.stacks if stack.council in (None, council)]
        assert [(s, digest(alone, s, 2026)) for s in alone.stacks] == [(s, digest(whole, s, 2026)) for s in own]
        assert (alone.identities, alone.policy) == (whole.identities, whole.policy)


def test_dates_decide_what_stands() -> None:
    """Before its day a module is planned, from that day on it is enabled; what has no date never stands."""
    early, late = compiled(PROJECT, "2007-05-31"), compiled(PROJECT, "2007-06-01")

    def erp(plan: Plan) -> set[str]:
        [tenant] = [t for t in plan.tenants if (t.council, t.instance) == ("northumberland", "erp")]
        return set(tenant.modules)

    assert erp(late) - erp(early) == {"time-management"}
    assert "time-management" in {use.module for use in early.planned}
    assert not [t for t in late.tenants if (t.council, t.instance) == ("northumberland", "crm")]


def test_a_site_stands_from_its_day() -> None:
    """Before the move Durham's systems are at County Hall and the new datacentre is to come; after it, there alone."""
    early, late = compiled(PROJECT, "2007-03-30"), compiled(PROJECT, "2007-04-01")

    assert {stack.site for stack in early.stacks} == {"morpeth", "consett", "durham-county-hall"}
    assert ("durham-dc", date(2007, 3, 31)) in {(use.site, use.start) for use in early.planned}
    assert {stack.site for stack in late.stacks} == {"morpeth", "consett", "durham-dc"}


def test_who_has_to_agree_follows_from_the_definition() -> None:
    """A council's tenancy concerns it and the host; what passes a third party's site concerns that party too."""
    approvals = compiled(PROJECT).approvals

    assert approvals["northumberland-durham.teesdale.durham-dc"] == ("durham", "teesdale")
    assert approvals["northumberland-durham.teesdale.consett"] == ("derwentside", "durham", "teesdale")
    assert approvals["northumberland-durham.consett"] == ("derwentside", "durham")
    assert approvals["northumberland-durham.erp.durham-dc"] == ("durham", "northumberland")


def test_an_organisation_agrees_through_its_owners() -> None:
    """What the two councils' joint organisation hosts needs both of them, wherever it stands."""
    as_of = date(2026, 11, 22)
    [plan] = compile_all(validate(PROJECT, as_of).definitions, as_of, "lgss")

    assert plan.approvals["lgss.back-office.northampton"] == ("cambridgeshire", "northamptonshire")


def test_settings_of_a_level_reach_the_application() -> None:
    """LGSS lets sessions last a quarter of an hour: so it stands in every tenant's configuration."""
    as_of = date(2026, 11, 22)
    [plan] = compile_all(validate(PROJECT, as_of).definitions, as_of, "lgss")
    settings = [
        file.text
        for stack in plan.stacks
        for container in stack.containers
        if container.role == "application"
        for file in container.files
        if file.path.endswith("trytond.conf")
    ]

    assert len(settings) == 4
    assert all("[session]\ntimeout = 900\n" in text for text in settings)


def test_no_relay_takes_up_a_session_of_before_its_keys_were_exchanged() -> None:
    """What dials a gateway begins every connection anew: a resumed one would show the former key for ever."""
    files = (f.text for stack in compiled(PROJECT).stacks for c in stack.containers for f in c.files)
    dialling = [line for text in files for line in text.splitlines() if "crt /cfg/client.pem" in line]

    assert dialling
    assert all("no-ssl-reuse" in line for line in dialling)


def test_plan_holds_no_secret_text() -> None:
    """A file of the plan that will hold a secret says so, and holds a marker instead."""
    files = [file for stack in compiled(PROJECT).stacks for c in stack.containers for file in c.files]

    assert any(file.secret for file in files)
    assert all(("<<secret:" in file.text or "<<key:" in file.text) == file.secret for file in files)
    assert not [file for file in files if "PRIVATE KEY" in file.text]


networks = st.builds(
    lambda base, length: IPv4Network((base, length), strict=False),
    st.integers(min_value=0, max_value=2**32 - 1),
    st.integers(min_value=8, max_value=28),
)


@given(networks)
def test_fixed_and_dynamic_addresses_never_meet(network: IPv4Network) -> None:
    """The gateway and every fixed address lie outside of the range from which the engine gives addresses."""
    dynamic = IPv4Network(addresses.dynamic_range(network))

    assert dynamic.subnet_of(network)
    assert IPv4Address(addresses.gateway(network)) not in dynamic
    assert IPv4Address(addresses.fixed_address(network, 2)) not in dynamic


@given(networks)
def test_a_loopback_twin_is_on_the_loopback(network: IPv4Network) -> None:
    """The twin is a loopback address that differs from the network's first address in its first octet alone."""
    twin = IPv4Address(addresses.loopback_twin(network))

    assert twin.is_loopback
    assert str(twin).split(".")[1:] == str(network[1]).split(".")[1:]
