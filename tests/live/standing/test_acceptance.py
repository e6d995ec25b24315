"""What a platform engineer and a new council would try first, on the running partnership."""

from __future__ import annotations

import json
import re
import time
import xml.etree.ElementTree as ET

import pytest
from tests.live.helpers.running import WEARDALES, Place, join, without_crm

pytestmark = pytest.mark.live


def test_second_preview_is_empty(standing: Place) -> None:
    """A second preview after up reports no change at all."""
    run = standing.run("preview", "--format", "json", "--detailed-exitcode")

    assert run.code == 0, run
    assert {op: run.json["summary"][op] for op in ("create", "update", "replace", "delete")} == {
        "create": 0,
        "update": 0,
        "replace": 0,
        "delete": 0,
    }
    assert run.json["summary"]["same"] > 250


def test_second_up_touches_nothing(standing: Place) -> None:
    """A second up keeps every container as it is."""
    before = standing.identities()

    run = standing.run("up", "--yes")

    assert run.code == 0, run
    assert standing.identities() == before


def test_everything_is_proved(standing: Place) -> None:
    """Verify passes on the whole partnership, and says so in JSON."""
    run = standing.run("verify", "--format", "json")

    assert run.code == 0, run
    summary = run.json["summary"]
    assert summary["failed"] == summary["could-not-run"] == 0
    passed = {result["id"] for result in run.json["results"] if result["status"] == "passed"}
    assert {"login.durham.erp", "login.northumberland.erp", "login.teesdale.crm"} <= passed


def test_nine_councils_are_kept_apart(standing: Place) -> None:
    """All ordered pairs, from inside: 72 of the districts' and Durham's CRM, and those with Northumberland."""
    run = standing.run("verify", "--isolation", "--format", "json")

    assert run.code == 0, run
    pairs = [result for result in run.json["results"] if re.fullmatch(r"isolation\.[^.]+\.[^.]+", result["id"])]
    assert len(pairs) == 10 * 9
    assert {result["status"] for result in pairs} == {"passed"}


def test_results_as_junit(standing: Place) -> None:
    """The same results are a well-formed JUnit report."""
    run = standing.run("verify", "--council", "durham", "--format", "junit")

    assert run.code == 0, run
    assert ET.fromstring(run.out).iter("testcase")


def test_removed_container_is_all_that_changes(standing: Place) -> None:
    """An application container removed by hand: preview shows just that, up mends just that."""
    name = "mh-acceptance.teesdale.durham-dc.crm-application"
    before = standing.identities()
    standing.containers()[name].remove(force=True, v=True)

    seen = standing.run("preview", "--format", "json", "--detailed-exitcode")
    mended = standing.run("up", "--yes")

    assert seen.code == 2, seen
    assert {op: seen.json["summary"][op] for op in ("create", "update", "replace", "delete")} == {
        "create": 1,
        "update": 0,
        "replace": 0,
        "delete": 0,
    }
    [step] = [step for stack in seen.json["stacks"] for step in stack["steps"]]
    assert (step["name"], step["council"], step["declaredAt"]["path"]) == (
        name,
        "teesdale",
        "partnerships/mh-acceptance/councils/teesdale.yaml",
    )
    assert mended.code == 0, mended
    after = standing.identities()
    assert after.keys() == before.keys()
    assert {changed for changed in after if after[changed] != before[changed]} == {name}


def test_joining_restarts_nobody(standing: Place) -> None:
    """A copied council file stands up and logs in, and every other container stays as it is."""
    before = standing.identities()
    join(standing, "weardale", standing.own(WEARDALES), "3e1b8a54-40c7-4a53-9a3c-95d1f3a0c1aa")
    started = time.monotonic()

    run = standing.run("up", "--yes")
    took = time.monotonic() - started

    assert run.code == 0, run
    print(f"joining took {took:.1f} s until the new council logged in")
    after = standing.identities()
    assert {name: after[name] for name in before} == before
    verified = standing.run("verify", "--council", "weardale", "--format", "json")
    assert verified.code == 0, verified


def test_removed_file_is_refused_while_it_runs(standing: Place) -> None:
    """Deleting the file of a council that has running tenants is refused with an explanation."""
    file = standing.councils / "easington.yaml"
    text = file.read_text()
    before = standing.identities()
    file.unlink()
    try:
        previewed, upped = standing.run("preview"), standing.run("up", "--yes")
    finally:
        file.write_text(text)

    assert (previewed.code, upped.code) == (4, 4), (previewed, upped)
    assert "easington" in upped.err
    assert "git checkout" in upped.err
    assert standing.identities() == before


def test_changed_uid_is_refused(standing: Place) -> None:
    """A council's secrets are derived from its uid: another one under a standing council is refused."""
    file = standing.councils / "easington.yaml"
    text = file.read_text()
    before = standing.identities()
    file.write_text(re.sub(r"uid: .*", "uid: 7c1f3f0a-2f0e-4b58-9a53-5d0f0a1b2c3d", text))
    try:
        run = standing.run("up", "--yes")
    finally:
        file.write_text(text)

    assert run.code == 4, run
    assert "7c1f3f0a-2f0e-4b58-9a53-5d0f0a1b2c3d" in run.err
    assert standing.identities() == before


def test_destroying_more_than_agreed_is_refused(standing: Place) -> None:
    """A file that no longer uses an instance would take a tenant down; the policy allows no object to go."""
    file, partnership = standing.councils / "easington.yaml", standing.councils.parent / "partnership.yaml"
    text, whole = file.read_text(), partnership.read_text()
    before = standing.identities()
    file.write_text(without_crm(text))
    partnership.write_text(whole.replace("\n  shares:", "\n  policy: {destroy-at-most: 0}\n  shares:"))
    try:
        previewed, upped = standing.run("preview", "--format", "json"), standing.run("up", "--yes")
    finally:
        file.write_text(text)
        partnership.write_text(whole)

    assert (previewed.code, upped.code) == (4, 4), (previewed, upped)
    assert "spec.policy.destroy-at-most" in previewed.json["refusals"][0]
    assert "spec.policy.destroy-at-most" in upped.err
    assert standing.identities() == before


def test_a_council_leaves_on_its_day(standing: Place) -> None:
    """From the day on which it leaves nothing of a council stands, and nobody else restarts."""
    file = standing.councils / "sedgefield.yaml"
    text = file.read_text()
    left = "  notice-given: 2024-01-01\n  leaves: 2026-01-01\n"
    file.write_text(text.replace("  site: ", f"{left}  site: ", 1))
    before = standing.identities()

    run = standing.run("up", "--yes")

    assert run.code == 0, run
    after = standing.identities()
    assert after == {name: before[name] for name in before if not name.startswith("mh-acceptance.sedgefield.")}
    assert len(before) - len(after) > 5


def test_module_for_one_tenant_changes_that_tenant_alone(standing: Place) -> None:
    """Enabling an offered module for Durham prepares its tenant again and restarts nothing."""
    file = standing.councils / "durham.yaml"
    file.write_text(file.read_text().replace("procurement: {}\n", "procurement: {}\n        time-management: {}\n"))
    before = standing.identities()

    run = standing.run("up", "--yes", "--format", "json")

    assert run.code == 0, run
    after = standing.identities()
    assert {name for name in after if after[name] != before.get(name)} == {"mh-acceptance.durham.morpeth.erp-prepare"}
    verified = standing.run("verify", "--council", "durham", "--instance", "erp")
    assert verified.code == 0, verified


def test_credentials_say_how_to_log_in(standing: Place) -> None:
    """Credentials name the loopback address, the database, the user and the password."""
    run = standing.run("credentials", "durham", "erp", "--format", "json")

    assert run.code == 0, run
    said = json.dumps(run.json)
    assert f"https://{standing.own('127.30.8.1')}:{standing.ports[0]}/" in said
    assert "admin" in said
