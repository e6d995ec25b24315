"""What is different about a container or a network: the parts that need no engine."""

from __future__ import annotations

import pytest
from tests.verify.plans import container

from moothall.model.planned import Network
from moothall.source import Span
from moothall.verify.spec_diff import _identity, nanoseconds, network_deviations

NOWHERE = Span("", 1, 1, 1, 1)
PLANNED = Network("network", "p.network", "10.1.0.0/24", "10.1.0.1", "10.1.0.128/25", True, {}, NOWHERE)
BUILT, FOREIGN = (f"sha256:{digit * 64}" for digit in "ab")
TAG = f"moothall/haproxy:{'c' * 64}"
FOUND = {"Internal": True, "EnableIPv6": False, "IPAM": {"Config": [{"Subnet": "10.1.0.0/24"}]}, "Options": {}}


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("1m0s", 60), ("2m0s", 120), ("1h1m1s", 3661), ("500ms", 0.5)]
)
def test_durations_are_read_as_go_writes_them(text: str, seconds: float) -> None:
    """In nanoseconds, as the engine keeps them."""
    assert nanoseconds(text) == seconds * 1_000_000_000


@pytest.mark.parametrize("text", ["", "30", "s", "1d", "1m 0s", "-1s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Rather than taken for nought."""
    with pytest.raises(ValueError, match="is not a duration"):
        nanoseconds(text)


def test_a_network_as_planned() -> None:
    """Nothing to say."""
    assert network_deviations(PLANNED, FOUND) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Internal": False}, "internal is False instead of True"),
        ({"EnableIPv6": True}, "IPv6 is True instead of False"),
        ({"IPAM": {"Config": [{"Subnet": "10.2.0.0/24"}]}}, "subnets is ['10.2.0.0/24'] instead of ['10.1.0.0/24']"),
    ],
)
def test_a_network_that_is_not_as_planned(change: dict[str, object], said: str) -> None:
    """What it is, and what it should be."""
    assert network_deviations(PLANNED, FOUND | change) == [said]


@pytest.mark.parametrize(
    ("planned", "runs", "said"),
    [
        (BUILT, BUILT, []),
        (BUILT, FOREIGN, [f"image is '{FOREIGN}' instead of '{BUILT}'"]),
        (TAG, BUILT, [f"image is '{BUILT}', and of {TAG} nothing is on record as built"]),
    ],
)
def test_the_image_that_runs_is_held_against_what_was_built(planned: str, runs: str, said: list[str]) -> None:
    """By its ID, whatever the container says that it was made from; a tag says nothing."""
    expected = container("p.relay", "relay", (), image=planned)
    actual = {"Image": runs, "Config": {"Image": planned, "User": expected.user}}
    assert list(_identity(expected, actual)) == said


def test_a_network_that_is_not_there() -> None:
    """It is missing."""
    assert network_deviations(PLANNED, None) == ["is missing"]
