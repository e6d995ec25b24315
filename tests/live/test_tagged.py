"""A partner's engine has somebody else's image under each of our tags: none of it ever runs, here or there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import docker
import pytest
from tests.built import TAGS, built
from tests.busybox import have_image
from tests.live.helpers.machines import ELSEWHERE, Machine, able
from tests.live.helpers.running import Place, small

pytestmark = [
    pytest.mark.live,
    pytest.mark.incremental,
    pytest.mark.skipif(not able(), reason="needs root, dockerd, nsenter and iproute2 for engines of its own"),
]
TRANSIT = "mh-tagged.erp.consett.database-transit"


class Partner(NamedTuple):
    """The partner's engine, the ID of what somebody has there under our tags, and the partnership."""

    client: docker.DockerClient
    foreign: str
    place: Place

    def tag(self) -> None:
        """Give every tag of ours to the foreign image."""
        image = self.client.images.get(self.foreign)
        assert all(image.tag(tag) for tag in TAGS.values())

    def runs(self) -> dict[str, str]:
        """Return the ID of the image of every container there, by name; what only brings files has one, too."""
        return {made.name: made.attrs["Image"] for made in self.client.containers.list(all=True)}

    def hardening(self) -> dict[str, Any]:
        """Return what `verify` says of the stacks there."""
        results = self.place.run("verify", "--site", "consett", "--format", "json").json["results"]
        return {r["id"]: r for r in results if r["id"].startswith("hardening.") and r["id"].endswith(".consett")}


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    """An engine of its own for consett, with somebody else's image under each tag of ours."""
    root = tmp_path_factory.mktemp("tagged")
    place, machine = small(root, "tagged"), Machine("tagged")
    (root / "stacks").mkdir()
    (root / "stacks" / "engines.yaml").write_text(ELSEWHERE.format(door=machine.socket))
    try:
        machine.clear()
        machine.make()
        machine.own("198.18.9.3", "198.18.9.4")
        client = machine.client()
        made = Partner(client, str(client.images.get(have_image(client.api)).id), place)
        made.tag()
        yield made
    finally:
        machine.clear()


def test_what_is_built_here_is_what_runs_there(partner: Partner) -> None:
    """Every container, by its ID; the tags mean there what they mean here from then on."""
    run = partner.place.run("up", "--yes", "--site", "consett", timeout=900)

    assert run.code == 0, run
    ours = {built(name) for name in TAGS}
    assert TRANSIT in partner.runs()
    assert {*partner.runs().values()} <= ours
    assert partner.client.images.get(TAGS["haproxy"]).id == built("haproxy")
    assert {result["status"] for result in partner.hardening().values()} == {"passed"}


def test_whoever_replaces_a_container_is_seen(partner: Partner) -> None:
    """By `verify` and by `drift`, though the container says that it is of our image."""
    partner.tag()
    body = partner.client.api.inspect_container(TRANSIT)
    partner.client.api.remove_container(TRANSIT, force=True, v=True)
    config = {**body["Config"], "Image": TAGS["haproxy"], "HostConfig": body["HostConfig"]}
    partner.client.api.create_container_from_config(config, TRANSIT)
    assert partner.runs()[TRANSIT] == partner.foreign

    seen = partner.hardening()["hardening.mh-tagged.erp.consett"]
    drift = partner.place.run("drift", "--site", "consett", "--format", "json")

    assert seen["status"] == "failed"
    assert f"image is '{partner.foreign}' instead of '{built('haproxy')}'" in seen["detail"]
    assert partner.foreign in drift.out


def test_up_puts_back_what_was_built(partner: Partner) -> None:
    """And the tags; of the foreign image nothing is left that runs."""
    run = partner.place.run("up", "--yes", "--site", "consett", timeout=900)

    assert run.code == 0, run
    assert partner.foreign not in partner.runs().values()
    assert partner.client.images.get(TAGS["haproxy"]).id == built("haproxy")
    assert {result["status"] for result in partner.hardening().values()} == {"passed"}
