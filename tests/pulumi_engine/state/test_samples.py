"""Cases of the suite held to what Pulumi and the real Docker plug-in answered (`samples/`, `pulumi preview --json`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.pulumi_engine.conformance import CASES
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.pulumi_engine.steps.events import top_level_properties

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.sample])
def test_the_recorded_answer_is_ours_too(name: str, tmp_path: Path) -> None:
    """The same operations on the container, for the same properties, and as many resources left alone but the network
    that stands beside it in the sample."""
    case, lab = CASES[name], MemoryLab(tmp_path)
    recorded = json.loads((SAMPLES / case.sample).read_text())
    lab.up(case.first)

    foreseen = lab.preview(case.then)

    theirs = [step for step in recorded["steps"] if step["op"] != "same"]
    assert [
        (step.op, top_level_properties(step.diff), top_level_properties(step.replace_keys)) for step in foreseen.changes
    ] == [(step["op"], step.get("diffReasons", []), step.get("replaceReasons", [])) for step in theirs]
    assert foreseen.count("same") + 1 == recorded["changeSummary"]["same"]


def test_every_sample_is_cited() -> None:
    """No recorded answer lies about unused."""
    assert {case.sample for case in CASES.values() if case.sample} == {path.name for path in SAMPLES.glob("*.json")}
