"""The option --events through the front door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.live.helpers.running import small

pytestmark = pytest.mark.live


def test_preview_writes_the_events_of_each_stack(tmp_path: Path) -> None:
    """One file a stack in Pulumi's form, the same steps as in the answer, and nothing stood up."""
    place, folder = small(tmp_path, "foreseen"), tmp_path / "events"

    run = place.run("preview", "--format", "json", "--events", str(folder))

    assert run.code == 0, run
    assert {path.stem for path in folder.iterdir()} == {stack["stack"] for stack in run.json["stacks"]}
    for stack in run.json["stacks"]:
        events = [json.loads(line) for line in (folder / f"{stack['stack']}.jsonl").read_text().splitlines()]
        told = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
        assert [(step["op"], step["urn"]) for step in told] == [(s["op"], s["urn"]) for s in stack["steps"]]
        assert events[-2]["summaryEvent"]["resourceChanges"] == {"create": len(told)}
    assert place.containers() == {}
