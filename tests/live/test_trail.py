"""The trail of a partnership: from desks to the store, while the store is away, and under the hands of who has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import docker
import pytest
from tests.live.helpers.running import Place, Run, small
from tests.waiting import wait_until

from moothall import imagetags, paths

pytestmark = [pytest.mark.live, pytest.mark.incremental]
TEMPORARY = "mh-gathered-desk"
TRYTON = f"moothall/tryton:{imagetags.tags(paths.IMAGES)['tryton'].rpartition(':')[2]}"
LIMIT = 300
"""Wrong passwords that Tryton takes from one address (`max_attempt_ip_network` of trytond 8.0)."""
DESK = """
import http.client, json, ssl, sys
host, count, password = sys.argv[1], int(sys.argv[2]), sys.argv[3]
trust = ssl.create_default_context(cadata=sys.argv[4])
connection = http.client.HTTPSConnection(host, context=trust, timeout=120)
def login(user, password):
    body = json.dumps({"id": 0, "method": "common.db.login", "params": [user, {"password": password}]})
    connection.request("POST", "/durham/rpc/", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status
print(json.dumps([[login(f"nobody{number}", "wrong") for number in range(count)], login("admin", password)]))
"""
"""Tries so many wrong passwords, and then the right one."""
WRITE = """
import pathlib, sys
for path in sorted(pathlib.Path("/logs").glob("*.log"))[-1:]:
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[int(sys.argv[1])]
    path.write_bytes(b"".join(lines))
"""
"""Takes one line out of what is kept."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The ERP with its two tenants, whose logs are gathered at the site between the two."""
    made = small(tmp_path_factory.mktemp("gathered"), "gathered")
    file = made.councils.parent / "partnership.yaml"
    file.write_text(file.read_text().rstrip() + "\n\n  logs: {site: consett, keep: 30d}\n")
    made.clear()
    try:
        run = made.run("up", "--yes", timeout=900)
        assert run.code == 0, run
        yield made
    finally:
        for left in docker.from_env().containers.list(ignore_removed=True, all=True, filters={"name": TEMPORARY}):
            left.remove(force=True)
        made.clear()


def results(run: Run) -> dict[str, tuple[str, str]]:
    """Return by id what came of each look, and what is said of it."""
    return {result["id"]: (result["status"], result["detail"]) for result in run.json["results"]}


def said(place: Place, *words: str) -> list[dict[str, Any]]:
    """Return lines of the trail."""
    run = place.run("trail", *words, "--since", "1h", "--most", "10000", "--format", "json")
    assert run.code == 0, run
    lines: list[dict[str, Any]] = run.json["lines"]
    return lines


def desk(place: Place, number: int, count: int) -> tuple[list[int], int]:
    """Return what a desk of Durham's is answered: to so many wrong passwords, and then to the right one.

    Each number is another address, counted from the end of the council's network.
    """
    run = place.run("credentials", "durham", "erp", "--format", "json")
    assert run.code == 0, run
    how = run.json
    client = docker.from_env()
    name = f"{place.name}.durham.durham-dc.network"
    network = ip_network(client.networks.get(name).attrs["IPAM"]["Config"][0]["Subnet"])
    own = client.api.create_endpoint_config(ipv4_address=str(network[-1 - number]))
    container = client.containers.create(
        TRYTON,
        ["-I", "-c", DESK, how["hostName"], str(count), how["password"], how["authority"]],
        entrypoint="python3",
        network=name,
        networking_config={name: own},
        name=f"{TEMPORARY}-{number}",
    )
    try:
        container.start()
        assert container.wait(timeout=600)["StatusCode"] == 0, container.logs().decode()
        wrong, right = json.loads(container.logs(stderr=False))
        return wrong, right
    finally:
        container.remove(force=True)


def test_what_is_planted_is_found(place: Place) -> None:
    """And the chain is whole, twice: the second look holds it against the first."""
    for _ in range(2):
        found = results(place.run("verify", "--format", "json"))
        assert (found["trail.erp"][0], found["logs.consett"][0]) == ("passed", "passed"), found
        assert {id_: result for id_, result in found.items() if result[0] not in ("passed", "skipped")} == {}


def test_one_desk_locks_out_no_other(place: Place) -> None:
    """Of the same council, behind the same relay: the limit of an address is the desk's."""
    wrong, right = desk(place, 1, LIMIT + 10)
    assert (wrong[0], wrong[-1], right) == (401, 429, 429)
    assert desk(place, 2, 1) == ([401], 200)


def test_a_council_reads_its_own_lines(place: Place) -> None:
    """Where its desks were, and what was refused; of the other council nothing."""
    own, others = said(place, "durham"), said(place, "northumberland")
    requests = [json.loads(line["line"]) for line in own if line["sender"].startswith("gateway.")]
    refused = {line["from"] for line in requests if line.get("status") == 429}
    served = {line["from"] for line in requests if line.get("status") == 200 and line["path"] == "/durham/rpc/"}
    assert len(refused) == 1
    assert served - refused
    assert {line["council"] for line in requests} == {"durham"}
    sessions = [json.loads(line["line"]) for line in own if line["sender"].startswith("pg-")]
    assert any(line.get("user") == "durham" and "connection authorized" in line["message"] for line in sessions)
    assert any("moothall: role durham is had" in line["message"] for line in sessions)
    assert {line["number"] for line in own}.isdisjoint({line["number"] for line in others})
    assert not any("durham" in line["sender"].split(".")[1] for line in others)


def test_no_secret_is_in_the_trail(place: Place) -> None:
    """Of neither tenant."""
    everything = json.dumps(said(place))
    for council in ("durham", "northumberland"):
        assert place.run("credentials", council, "erp", "--format", "json").json["password"] not in everything
    assert "SCRAM-SHA-256" not in everything


def test_lines_wait_for_a_store_that_is_away(place: Place) -> None:
    """`verify` says that nothing arrives; later all of it is there."""
    store, before = place.containers()[f"{place.name}.consett.logs"], said(place)[-1]["number"]
    store.stop()
    found = results(place.run("verify", "--instance", "erp", "--format", "json"))
    assert found["trail.erp"][0] == "failed"
    assert "gateway.durham.erp" in found["trail.erp"][1]
    store.start()

    def arrived() -> bool:
        marks = {
            line["sender"].split(".")[0]
            for line in said(place)
            if "verify-" in line["line"] and line["number"] > before
        }
        return {"gateway", "pg-morpeth", "pg-durham-dc"} <= marks

    wait_until(arrived, "what was said meanwhile arrives")
    assert results(place.run("verify", "--instance", "erp", "--format", "json"))["trail.erp"][0] == "passed"


def test_the_store_opens_no_way(place: Place) -> None:
    """Nobody reaches what was not to be reached."""
    run = place.run("verify", "--isolation", "--format", "json", timeout=900)
    assert {id_: result for id_, result in results(run).items() if result[0] != "passed"} == {}


def test_whoever_has_the_store_is_noticed(place: Place) -> None:
    """Who takes one line out, makes both verbs that look red, and stays noticed."""
    assert results(place.run("verify", "--site", "consett", "--format", "json"))["logs.consett"][0] == "passed"
    client = docker.from_env()
    client.containers.run(
        TRYTON,
        ["-I", "-c", WRITE, "2"],
        entrypoint="python3",
        user="910:0",
        network_mode="none",
        remove=True,
        volumes={f"{place.name}.consett.logs": {"bind": "/logs", "mode": "rw"}},
    )
    for _ in range(2):
        status, detail = results(place.run("verify", "--site", "consett", "--format", "json"))["logs.consett"]
        assert (status, "does not follow" in detail) == ("failed", True)
    run = place.run("trail", "durham")
    assert run.code == 1
    assert "the logs are not what they were" in run.out
