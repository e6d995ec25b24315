"""The event stream: Pulumi's own form, read by Pulumi's own parser, and no secret in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.events import EngineEvent, OpType
from tests.pulumi_engine.lab import Words
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once

from moothall.pulumi_engine import SILENT
from moothall.pulumi_engine.steps.events import event_log

KINDS = ("resourcePreEvent", "resOutputsEvent")


@pytest.fixture
def lab(tmp_path: Path) -> MemoryLab:
    """A lab without Docker."""
    return MemoryLab(tmp_path)


def program(env: str, memory: int = 16) -> Any:
    """A network that stays, a container that is replaced or changed, and one with a secret."""

    def declare(w: Words) -> None:
        w.network("net")
        w.container("app", envs=[env], memory=memory, memory_swap=memory)
        file = w.docker.ContainerUploadArgs(file="/tmp/key", content=w.pulumi.Output.secret("an-event-canary"))
        w.container("quiet", uploads=[file])

    return declare


def events(lab: MemoryLab, declare: Any, *, preview: bool = False) -> list[dict[str, Any]]:
    """Run a program and return its events; each is one that Pulumi's parser takes."""
    path = lab.root / "events" / "dev.jsonl"
    with event_log(path, SILENT) as log:
        operation = lab.operation(declare, observer=log)
        log.end(operation.preview() if preview else lab.up(declare, observer=log))
    found = [json.loads(line) for line in path.read_text().splitlines()]
    for event in found:
        EngineEvent.from_json(event)
    assert [event["sequence"] for event in found] == list(range(len(found)))
    assert (list(found[0])[2], list(found[-2])[2], list(found[-1])[2]) == (
        "preludeEvent",
        "summaryEvent",
        "cancelEvent",
    )
    assert "an-event-canary" not in path.read_text()
    return found


def told(found: list[dict[str, Any]], name: str) -> list[tuple[str, str]]:
    """Kind and operation of the events of one resource, in order."""
    return [
        (kind, event[kind]["metadata"]["op"])
        for event in found
        for kind in KINDS
        if kind in event and event[kind]["metadata"]["urn"].endswith(f"::{name}")
    ]


def test_a_replacement_is_three_events_each_with_its_end(lab: MemoryLab) -> None:
    """As in `events-up-replace.jsonl` of the real engine, with the difference in all but the delete."""
    lab.up(program("A=1"))
    found = events(lab, program("A=2"))

    ops = ("delete-replaced", "replace", "create-replacement")
    assert told(found, "app") == [(kind, op) for op in ops for kind in KINDS]
    assert told(found, "net") == [(kind, "same") for kind in KINDS]
    replaced = next(e["resourcePreEvent"]["metadata"] for e in found if e.get("resourcePreEvent", {}) and
                    e["resourcePreEvent"]["metadata"]["op"] == OpType.REPLACE.value)  # fmt: skip
    assert (replaced["keys"], replaced["diffs"], replaced["logical"]) == (["envs"], ["envs"], True)
    assert replaced["detailedDiff"] == {"envs": {"diffKind": "update-replace", "inputDiff": False}}
    summary = found[-2]["summaryEvent"]
    assert (summary["result"], summary["isPreview"]) == ("succeeded", False)
    assert summary["resourceChanges"] == {"same": 4, "replace": 1}


def test_a_preview_tells_the_same_steps_as_planned(lab: MemoryLab) -> None:
    """Every resource, marked as planning."""
    lab.up(program("A=1"))
    found = events(lab, program("A=1", memory=24), preview=True)

    assert told(found, "app") == [(kind, "update") for kind in KINDS]
    assert all(event[kind]["planning"] for event in found for kind in KINDS if kind in event)
    assert found[-2]["summaryEvent"]["isPreview"]
    assert found[-2]["summaryEvent"]["resourceChanges"] == {"same": 4, "update": 1}


def test_a_failure_says_why_and_fails_the_summary(lab: MemoryLab) -> None:
    """The reason as a diagnostic of the resource, then that it failed."""
    lab.engine.on_create = fails_once("mem-app")
    found = events(lab, program("A=1"))

    [said] = [event["diagnosticEvent"] for event in found if "diagnosticEvent" in event]
    assert (said["severity"], said["message"], said["urn"].endswith("::app")) == ("error", "mem-app would not", True)
    assert [event["resOpFailedEvent"]["metadata"]["op"] for event in found if "resOpFailedEvent" in event] == ["create"]
    assert found[-2]["summaryEvent"]["result"] == "failed"


def test_what_came_and_what_went_is_told_apart(lab: MemoryLab) -> None:
    """`add`, `delete` and `update` are the words of Pulumi's detailed diff."""
    lab.up(lambda w: w.container("app", hostname="old", user="1"))
    found = events(lab, lambda w: w.container("app", user="2", working_dir="/tmp"), preview=True)

    [step] = [e["resourcePreEvent"]["metadata"] for e in found if e.get("resourcePreEvent")
              and e["resourcePreEvent"]["metadata"]["op"] == "replace"]  # fmt: skip
    assert {path: diff["diffKind"] for path, diff in step["detailedDiff"].items()} == {
        "hostname": "delete-replace",
        "user": "update-replace",
        "workingDir": "add-replace",
    }
