"""What stands runs by the IDs of images that were built, as they are on record: who keeps it, alters it, loses it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.advice.taking import DAY, Operator
from tests.fakes.built import image_id, image_ids
from tests.fakes.provided import Machine

from moothall.failures import OperationError
from moothall.imagetags import tags
from moothall.model.image import is_image_id
from moothall.operations.stacks.declare import declare
from moothall.paths import IMAGES
from moothall.pulumi_engine.protocol.resource_types import CONTAINER

FOREIGN = image_id("somebody else's")
STACK = "dales.alston.hill"


def done(operator: Operator, *words: str) -> None:
    """Type a command that succeeds."""
    code, _ = operator.type(list(words))
    assert code == 0, operator.shown


def record(operator: Operator) -> Path:
    """Return where what was built is on record."""
    return operator.root / ".moothall/images/dales.json"


def images(machine: Machine) -> set[str]:
    """Return what the engine was asked to run."""
    live = {id_ for id_, each in machine.engine.objects.items() if each.kind == CONTAINER}
    return {machine.engine.inputs[id_]["image"] for id_ in live}


def alter(operator: Operator) -> None:
    """Write another image into the record, in the place of each."""
    content = json.loads(record(operator).read_text())
    record(operator).write_text(json.dumps({**content, "images": dict.fromkeys(content["images"], FOREIGN)}))


def test_no_engine_is_asked_to_run_a_tag(operator: Operator, machine: Machine) -> None:
    """Neither for what serves nor for what only brings files; nothing is left to be changed."""
    assert {id_ for id_ in images(machine) if is_image_id(id_)} == images(machine)
    assert images(machine) <= {*image_ids().values()}
    assert set(json.loads(record(operator).read_text())["images"]) == {*image_ids()} - {tags(IMAGES)["base"]}

    done(operator, "preview", "--detailed-exitcode")


def test_whoever_alters_the_record_has_nothing_run(operator: Operator, machine: Machine) -> None:
    """Who looks is told; `up` does not believe it, records what the engine that builds has, and recreates nothing."""
    before = record(operator).read_bytes()
    alter(operator)

    _, hint = operator.fails("preview")
    assert "Somebody has altered" in operator.shown[1]
    assert hint.startswith("moothall up --yes --partnership dales ")
    calls = list(machine.engine.calls)
    done(operator, "up", "--yes")

    assert machine.engine.calls == calls
    assert record(operator).read_bytes() == before
    assert FOREIGN not in images(machine)


def test_a_record_that_is_lost_is_made_again(operator: Operator, machine: Machine) -> None:
    """Nothing is recreated while the engine that builds has what it built."""
    before, calls = record(operator).read_bytes(), list(machine.engine.calls)
    record(operator).unlink()

    done(operator, "up", "--yes")

    assert (machine.engine.calls, record(operator).read_bytes()) == (calls, before)


@pytest.mark.parametrize("whose", [("--council", "alston"), ("--partnership", "dales")])
def test_new_keys_leave_the_record(operator: Operator, machine: Machine, whose: tuple[str, str]) -> None:
    """What was built is as it was."""
    before = record(operator).read_bytes()

    done(operator, "keys", "rotate", "--yes", *whose)

    assert record(operator).read_bytes() == before
    done(operator, "preview", "--detailed-exitcode")


def test_pulumi_by_hand_is_given_nothing_without_a_record(operator: Operator, machine: Machine) -> None:
    """Its plug-in would run whatever has the tag, and fetch what has none from anywhere."""
    record(operator).unlink()
    operator.patch.setenv("MOOTHALL_AS_OF", DAY)

    with pytest.raises(OperationError, match="was not built yet, or of that nothing is on record"):
        asyncio.run(declare(STACK, operator.root, is_preview=False))


def test_what_an_older_version_stood_up_is_recreated_once(operator: Operator, machine: Machine) -> None:
    """It has tags and no record; `up` says what it recreates, and the next finds nothing to do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moothall.operations.stacks.apply.by_id", lambda plan, ids: plan)
        done(operator, "up", "--yes")
    record(operator).unlink()
    assert {id_ for id_ in images(machine) if is_image_id(id_)} == set()

    done(operator, "up", "--yes", "--format", "json")
    steps = [step for stack in json.loads(operator.shown[0])["stacks"] for step in stack["steps"]]

    assert {step["op"] for step in steps} == {"replace"}
    assert images(machine) <= {*image_ids().values()}
    assert "docker:index/volume:Volume" not in {step["type"] for step in steps}
    done(operator, "preview", "--detailed-exitcode")
