"""What is different about a container or a network: the parts that need no engine."""

from __future__ import annotations

import pytest

from moothall.model.planned import Network
from moothall.source import Span
from moothall.verify.spec_diff import nanoseconds, network_deviations

NOWHERE = Span("", 1, 1, 1, 1)
PLANNED = Network("network", "p.network", "10.1.0.0/24", "10.1.0.1", "10.1.0.128/25", True, {}, NOWHERE)
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


def test_a_network_that_is_not_there() -> None:
    """It is missing."""
    assert network_deviations(PLANNED, None) == ["is missing"]
