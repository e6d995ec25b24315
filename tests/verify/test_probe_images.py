"""With what a probe is made: the image that was built, or the one before it, and never whatever has a tag."""

from __future__ import annotations

import pytest
from tests.verify.plans import plan

from moothall.failures import Inconclusive
from moothall.operations.planning import by_id
from moothall.verify.context import place
from moothall.verify.gate import Gate
from moothall.verify.probe_container import ProbeContainer, run

BUILT, FORMER = (f"sha256:{digit * 64}" for digit in "ab")
TAG, OLDER, OTHER = (f"moothall/{name}:{digit * 64}" for name, digit in (("x", 1), ("x", 2), ("y", 3)))


@pytest.mark.parametrize(
    ("recorded", "image"),
    [({TAG: BUILT}, BUILT), ({OLDER: FORMER}, FORMER), ({OTHER: FORMER}, TAG), ({}, TAG)],
    ids=["built", "not built yet", "of another name", "nothing on record"],
)
def test_after_an_update_the_image_before_is_there(recorded: dict[str, str], image: str) -> None:
    """What stands is looked at all the same; a probe brings its own program."""
    made = by_id(plan(image=TAG), recorded)

    assert place(made, made.tenants[0]).image == image


@pytest.mark.parametrize("gate", [None, Gate(1)])
def test_by_a_tag_no_probe_is_made(gate: Gate | None) -> None:
    """No engine is asked for it: there is none here."""
    spec = ProbeContainer("p", "durham", "network", TAG, "910:0", {}, 1)

    with pytest.raises(Inconclusive, match="nothing is on record as built; moothall up builds it"):
        run(None, spec, gate)  # type: ignore[arg-type]
