"""The state is lost: it is made again from the definitions and what stands, and nothing is restarted."""

from __future__ import annotations

import docker
import pytest
from tests.attack.ground import PROJECT, SECRET, Ground, working
from tests.live.helpers.running import Place

from moothall.pulumi_engine.observe.rebuilding import rebuild

pytestmark = pytest.mark.live


def test_all_of_it_is_found_again(ground: Ground, client: docker.APIClient) -> None:
    """Network, volume, service and finished job have the ids that they had, secrets are sealed, no change is left."""
    ground.up(working("1", ground.subnet(1)))
    before = {urn: item.get("id") for urn, item in _resources(ground).items() if ":providers:" not in urn}
    ground.backend.checkpoint(PROJECT, ground.stack).unlink()

    found = rebuild(ground.run(working("1", ground.subnet(1))), ground.backend)

    assert (found.status, {step.op for step in found.steps}) == ("succeeded", {"same"})
    assert {urn: _resources(ground)[urn].get("id") for urn in before} == before
    assert SECRET not in ground.backend.checkpoint(PROJECT, ground.stack).read_text()
    assert not ground.preview(working("1", ground.subnet(1))).changes


def test_what_differs_is_left_out(ground: Ground, client: docker.APIClient) -> None:
    """A service that was changed by hand, and what needs it, is not recorded; the next up recreates it, data kept."""
    ground.up(working("1", ground.subnet(1)))
    client.disconnect_container_from_network(ground.name("app"), ground.name("net"))
    born = client.inspect_volume(ground.name("data"))["CreatedAt"]
    ground.backend.checkpoint(PROJECT, ground.stack).write_text("{")

    found = rebuild(ground.run(working("1", ground.subnet(1))), ground.backend)

    assert found.status == "previewed"
    assert {step.name: step.op for step in found.steps} == {
        "net": "same",
        "data": "same",
        "app-files-volume": "same",
        "app-files": "same",
        "app": "create",
        "job": "create",
    }
    assert ground.up(working("1", ground.subnet(1))).status == "succeeded"
    assert ground.names(client) == [
        ground.name(part) for part in ("app", "app-files", "app-files-volume", "data", "job", "net")
    ]
    assert client.inspect_volume(ground.name("data"))["CreatedAt"] == born


def test_what_is_somebody_elses_is_not_taken(ground: Ground, client: docker.APIClient) -> None:
    """A volume of the wanted name without our label is left out of the record."""
    client.create_volume(ground.name("data"))

    found = rebuild(ground.run(working("1", ground.subnet(1))), ground.backend)

    assert {step.op for step in found.steps} == {"create"}
    assert [urn for urn in _resources(ground) if "olume" in urn] == []


def test_a_whole_partnership_without_its_states(place: Place) -> None:
    """Every checkpoint of a partnership that stands is lost: each is made again by itself, and nothing restarts."""
    before = place.identities()
    stacks = [stack["stack"] for stack in place.run("state", "history", "--format", "json").json["stacks"]]
    for file in (place.state / ".pulumi" / "stacks").rglob("*.json*"):
        file.unlink()

    for stack in stacks:
        run = place.run("state", "repair", stack, "--from-engine", "--format", "json")
        assert run.code == 0, run
        assert run.json["summary"]["create"] == 0, run

    run = place.run("preview", "--detailed-exitcode")
    assert run.code == 0, run
    assert place.run("up", "--yes").code == 0
    assert place.identities() == before


def _resources(ground: Ground) -> dict[str, dict[str, object]]:
    return {item["urn"]: item for item in ground.checkpoint()["resources"]}
