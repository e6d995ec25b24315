"""Drift of what a container runs: by the ID of its image, whatever it was called."""

from __future__ import annotations

import pytest

from moothall.pulumi_engine.observe.drift import Observation, changes
from moothall.pulumi_engine.protocol.resource_types import CONTAINER

BUILT, FOREIGN = (f"sha256:{digit * 64}" for digit in "ab")
TAG = "moothall/tryton:1"


@pytest.mark.parametrize(
    ("recorded", "called", "runs", "drift"),
    [
        (BUILT, BUILT, BUILT, []),
        (BUILT, BUILT, FOREIGN, [("image", BUILT, FOREIGN)]),
        (BUILT, TAG, BUILT, []),
        (BUILT, TAG, FOREIGN, [("image", BUILT, FOREIGN)]),
        (TAG, TAG, FOREIGN, []),
        (TAG, "other:1", FOREIGN, [("image", TAG, "other:1")]),
    ],
)
def test_an_image_is_its_id(recorded: str, called: str, runs: str, drift: list[tuple[str, str, str]]) -> None:
    """Of what was recorded by its tag, before there were IDs, no more is known than what it was called."""
    inspected = {
        "Id": "0" * 64,
        "Image": runs,
        "Config": {"Image": called},
        "HostConfig": {},
        "NetworkSettings": {"Networks": {}},
        "Mounts": [],
    }
    inputs = {"name": "app", "image": recorded}

    seen = changes(CONTAINER, inputs, {}, Observation(inspected, {}, {}))

    assert [change for change in seen if change[0] == "image"] == drift
