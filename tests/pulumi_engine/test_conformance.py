"""Conformance cases on the real engine: two programs one after the other, and what the second does to the first.

Each case also holds that preview says what up then does, and that a further run of the same program finds nothing.
"""

from __future__ import annotations

import pytest
from tests.pulumi_engine.conformance import CASES
from tests.pulumi_engine.lab import Lab, ops, step_of

pytestmark = pytest.mark.live


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, lab: Lab) -> None:
    """The second program makes the expected steps, as previewed, and then there is nothing left to do."""
    case = CASES[name]
    assert lab.up(case.first).status == "succeeded"

    foreseen = lab.preview(case.then)
    done = lab.up(case.then)

    assert done.status == "succeeded", done.failures
    assert ops(foreseen) == case.changes
    assert sorted((s.urn, s.op) for s in foreseen.changes) == sorted((s.urn, s.op) for s in done.changes)
    assert ops(done) == case.changes
    for key, wanted in case.keys.items():
        assert step_of(foreseen, key).replace_keys == wanted
    for key, wanted in case.diff.items():
        assert step_of(foreseen, key).diff == wanted
    assert ops(lab.preview(case.then)) == {}
