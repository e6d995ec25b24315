"""kill -9 of the embedded engine at many moments of an up: the CLI goes on, nothing is double, no volume is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.pulumi_cli.real_pulumi import installation
from tests.pulumi_engine.lab import LABEL, Lab, ops
from tests.pulumi_engine.programs import small_stack
from tests.pulumi_engine.steps.test_killed import AFTER, BEFORE, killed_up, names

from moothall.pulumi_cli import Pulumi
from moothall.pulumi_engine.errors import NotOwned

if TYPE_CHECKING:
    import docker

pytestmark = [pytest.mark.live, pytest.mark.pulumi]
# As in test_killed.py: every call of which something stays half done, and a save or two.
FIRST_UP = [("save", 3), ("fold", 1), *(("call", n) for n in (1, 4, 6, 8, 9))]
REPLACE = [("save", 8), *(("call", n) for n in (2, 4, 5, 7, 9, 10))]


@pytest.fixture(scope="module")
def pulumi(tmp_path_factory: pytest.TempPathFactory) -> Pulumi:
    """The real engine, with our provider as its plug-in."""
    return Pulumi(installation(tmp_path_factory.mktemp("pulumi")))


def assert_whole(pulumi: Pulumi, lab: Lab, client: docker.APIClient, env: str, net: int) -> None:
    """One up by the CLI completes; everything is there once, and neither engine would do more."""
    program = small_stack(env, lab.subnet(net))

    done = pulumi.up(lab.run(program), lab.backend)

    assert done.status == "succeeded", done.failures
    parts = ("app", "cfg", "cfg-volume", "data", "job", "net")
    assert names(lab, client) == sorted(lab.name(part) for part in parts)
    assert "pending_operations" not in lab.checkpoint()
    assert ops(lab.preview(program)) == {}
    assert ops(pulumi.preview(lab.run(program), lab.backend)) == {}
    assert client.inspect_container(lab.name("app"))["State"]["Running"]


@pytest.mark.parametrize(("what", "number"), FIRST_UP)
def test_a_killed_first_up(pulumi: Pulumi, lab: Lab, client: docker.APIClient, what: str, number: int) -> None:
    """Killed while everything was being made."""
    killed_up(lab, "1", BEFORE, what, number)

    assert_whole(pulumi, lab, client, "1", BEFORE)


@pytest.mark.parametrize(("what", "number"), REPLACE)
def test_a_killed_replacement(pulumi: Pulumi, lab: Lab, client: docker.APIClient, what: str, number: int) -> None:
    """Killed while network, service and job were being replaced; the data volume is the same afterwards."""
    lab.up(small_stack("1", lab.subnet(BEFORE)))
    made = client.inspect_volume(lab.name("data"))["CreatedAt"]
    killed_up(lab, "2", AFTER, what, number)

    assert_whole(pulumi, lab, client, "2", AFTER)
    assert client.inspect_volume(lab.name("data"))["CreatedAt"] == made


def test_killed_again_and_again(pulumi: Pulumi, lab: Lab, client: docker.APIClient) -> None:
    """By one engine after the other: at each kill there is more, and the next one takes it over."""
    for number in (2, 4, 3):
        killed_up(lab, "1", BEFORE, "call", number)

    assert_whole(pulumi, lab, client, "1", BEFORE)


def test_what_is_somebody_elses_stays(pulumi: Pulumi, lab: Lab, client: docker.APIClient) -> None:
    """Though it has the name of what was being made; nothing of ours is touched either."""
    killed_up(lab, "1", BEFORE, "save", 1)
    [begun] = [item["resource"]["inputs"]["name"] for item in _pending(lab) if "network" in item["resource"]["type"]][
        :1
    ]
    foreign = client.create_network(begun, labels={LABEL: "somebody"}, check_duplicate=False)["Id"]

    with pytest.raises(NotOwned):
        pulumi.up(lab.run(small_stack("1", lab.subnet(BEFORE))), lab.backend)

    assert client.inspect_network(foreign)["Id"] == foreign
    client.remove_network(foreign)


def _pending(lab: Lab) -> list[dict]:
    from moothall.pulumi_engine.state import checkpoint
    from moothall.pulumi_engine.state.snapshot import deployment_json

    return deployment_json(checkpoint.load(lab.backend, "bench", "dev"))["pending_operations"]
