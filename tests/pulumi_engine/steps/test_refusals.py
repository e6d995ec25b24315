"""What is refused on the real engine, and that nothing is touched then."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

import pytest
from tests.pulumi_engine.half_done import half_done
from tests.pulumi_engine.lab import LABEL, Lab, Words, ops

from moothall import pulumi_engine

if TYPE_CHECKING:
    import docker

pytestmark = pytest.mark.live


def protected(w: Words, **more: Any) -> Any:
    """The option protect."""
    return w.pulumi.ResourceOptions(protect=True, **more)


def test_what_is_not_ours_is_never_touched(lab: Lab, client: docker.APIClient) -> None:
    """A foreign volume of a wanted name stops the up before anything, also the preview says so."""
    client.create_volume(lab.name("data"), labels={LABEL: f"{lab.prefix}.another"})

    def declare(w: Words) -> None:
        w.network("net")
        w.volume("data")

    for operation in (lab.preview, lab.up):
        with pytest.raises(pulumi_engine.NotOwned) as caught:
            operation(declare)
        assert (caught.value.kind, caught.value.name) == ("volume", lab.name("data"))
        assert caught.value.owner == f"{lab.prefix}.another"
    assert client.networks(names=[lab.name("net")]) == []


def test_protection_stops_before_anything_is_touched(lab: Lab, client: docker.APIClient) -> None:
    """Neither a replacement nor a delete, and the harmless part of the change is not made either."""
    lab.up(lambda w: w.volume("data", protected(w)))

    def replacing(w: Words) -> None:
        w.network("net")
        w.volume("data", protected(w), driver_opts={"type": "tmpfs", "device": "tmpfs"})

    for declare in (replacing, lambda w: w.network("net")):
        with pytest.raises(pulumi_engine.Protected):
            lab.up(declare)
    assert client.networks(names=[lab.name("net")]) == []


def test_protection_of_a_dependant_counts(lab: Lab) -> None:
    """A protected container on a network that would be replaced stops the replacement."""

    def declare(number: int) -> Any:
        def program(w: Words) -> None:
            network = w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=w.subnet(number))])
            w.container("app", protected(w), networks_advanced=w.joined(network))

        return program

    lab.up(declare(1))
    with pytest.raises(pulumi_engine.Protected):
        lab.up(declare(2))
    lab.destroy(with_data=True)


def test_destroy_leaves_foreign_objects_alone(lab: Lab, client: docker.APIClient) -> None:
    """A volume that somebody else has made under a recorded name is not deleted."""
    lab.up(lambda w: w.volume("data"))
    client.remove_volume(lab.name("data"))
    client.create_volume(lab.name("data"), labels={LABEL: f"{lab.prefix}.another"})

    with pytest.raises(pulumi_engine.NotOwned):
        lab.destroy(with_data=True)
    client.inspect_volume(lab.name("data"))


@pytest.mark.parametrize(
    ("how", "subject"),
    [
        ({"privileged": True}, "privileged"),
        ({"logs": True}, "logs=True"),
        ({"wait": True}, "wait without a healthcheck"),
        ({"mounts": "labels"}, "mounts.volumeOptions"),
        ({"networks": "host"}, "networkMode host"),
    ],
)
def test_what_is_not_implemented_is_refused_by_name(lab: Lab, how: dict[str, Any], subject: str) -> None:
    """Never ignored."""

    def declare(w: Words) -> None:
        given = dict(how)
        if given.pop("mounts", None):
            options = w.docker.ContainerMountVolumeOptionsArgs(no_copy=True)
            given["mounts"] = [
                w.docker.ContainerMountArgs(type="volume", source="v", target="/v", volume_options=options)
            ]
        if given.pop("networks", None):
            given |= {"network_mode": "host", "networks_advanced": w.joined("somewhere")}
        w.container("app", **given)

    with pytest.raises(pulumi_engine.Unsupported, match=subject):
        lab.preview(declare)


def test_options_that_are_not_implemented_are_refused_by_name(lab: Lab) -> None:
    """Each resource option outside of what the engine does, a foreign type, and the default provider."""

    def with_option(**option: Any) -> Any:
        return lambda w: w.volume("data", w.pulumi.ResourceOptions(**option))

    def default_provider(w: Words) -> None:
        w.docker.Volume("data", name="data")

    cases = {
        "import": with_option(import_="x"),
        "customTimeouts": lambda w: with_option(custom_timeouts=w.pulumi.CustomTimeouts(create="1m"))(w),
        "deleteBeforeReplace": with_option(delete_before_replace=False),
        "default Docker provider": default_provider,
        "remoteImage": lambda w: w.docker.RemoteImage("i", name="x", opts=w.options()),
        "getNetwork": lambda w: w.docker.get_network(name="bridge"),
    }
    for subject, declare in cases.items():
        with pytest.raises(pulumi_engine.Unsupported, match=subject):
            lab.preview(declare)


def test_nothing_of_a_refused_program_goes_on(lab: Lab) -> None:
    """What stays half done would end inside whatever the process does when the garbage collector finds it."""
    with pytest.raises(pulumi_engine.Unsupported):
        lab.preview(lambda w: w.docker.get_network(name="bridge"))

    assert half_done() == []


def test_a_missing_image_is_named(lab: Lab) -> None:
    """Nothing is pulled."""
    done = lab.up(lambda w: w.container("app", image="no.such/image:ever"))

    assert "no.such/image:ever is not on the engine" in done.failures[0].message


def test_a_bug_of_the_program_comes_through(lab: Lab) -> None:
    """The exception of the program is raised as it is, and nothing is made."""

    def declare(w: Words) -> None:
        w.volume("data")
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        lab.up(declare)
    assert not lab.backend.checkpoint("bench", "dev").exists()


@pytest.mark.parametrize("operation", ["replace", "delete", "destroy"])
def test_a_network_that_others_use_is_not_taken_away(lab: Lab, operation: str) -> None:
    """The containers of other stacks are named, and nothing is touched, not even our own container on it."""

    def declare(number: int) -> Any:
        def program(w: Words) -> None:
            network = w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=w.subnet(number))])
            w.container("ours", networks_advanced=w.joined(network))

        return program

    lab.up(declare(1))
    lab.up(lambda w: w.container("theirs", networks_advanced=w.joined(lab.name("net"))), "other")

    with pytest.raises(pulumi_engine.InUse, match=lab.name("theirs")):
        if operation == "destroy":
            lab.destroy(with_data=True)
        else:
            lab.up(declare(2) if operation == "replace" else (lambda w: None))
    assert ops(lab.preview(declare(1))) == {}


def test_who_is_made_anew_afterwards_lets_go_of_a_network(lab: Lab, client: docker.APIClient) -> None:
    """A network that is replaced takes followers along, running or not; their own stack then recreates them."""
    lab.followers = frozenset({lab.name("theirs"), lab.name("asleep")})

    def declare(subnet: str) -> Any:
        def program(w: Words) -> None:
            network = w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=subnet)])
            w.container("ours", networks_advanced=w.joined(network))

        return program

    def other(made: str) -> Any:
        def program(w: Words) -> None:
            joined = {"networks_advanced": w.joined(lab.name("net")), "envs": [f"MADE={made}"]}
            volume = w.volume("data", w.pulumi.ResourceOptions(protect=True, retain_on_delete=True))
            w.container("theirs", mounts=w.mounted(volume), **joined)
            w.container("asleep", start=False, must_run=False, **joined)

        return program

    lab.up(declare(lab.subnet(1)))
    lab.up(other("33"), "other")
    made = client.exec_create(lab.name("theirs"), ["sh", "-c", "echo > /data/kept"])
    client.exec_start(made)

    assert lab.up(declare(lab.subnet(2))).status == "succeeded"
    assert lab.up(other("34"), "other").status == "succeeded"

    joined = client.inspect_container(lab.name("theirs"))["NetworkSettings"]["Networks"]
    assert IPv4Address(joined[lab.name("net")]["IPAddress"]) in IPv4Network(lab.subnet(2))
    listed = client.exec_create(lab.name("theirs"), ["ls", "/data"])
    assert client.exec_start(listed) == b"kept\n"
    assert ops(lab.preview(declare(lab.subnet(2)))) == {}
    assert ops(lab.preview(other("34"), "other")) == {}


def test_a_stranger_on_a_network_is_no_follower(lab: Lab) -> None:
    """Somebody else's container beside those that follow keeps the network where it is."""

    def declare(subnet: str) -> Any:
        return lambda w: w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=subnet)])

    lab.followers = frozenset({lab.name("another")})
    lab.up(declare(lab.subnet(1)))
    lab.up(lambda w: w.container("theirs", networks_advanced=w.joined(lab.name("net"))), "other")

    with pytest.raises(pulumi_engine.InUse, match=lab.name("theirs")):
        lab.up(declare(lab.subnet(2)))
