"""What stands runs by the IDs of images that were built, as they are on record: who keeps it, alters it, loses it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.advice.taking import DAY, Operator, killed
from tests.fakes import dales
from tests.fakes.built import image_id, image_ids
from tests.fakes.provided import Machine

from moothall.deploy import built_images
from moothall.failures import OperationError
from moothall.imagetags import tags
from moothall.keys.keyring import open_keyring
from moothall.keys.vault import DerivingVault
from moothall.model.image import is_image_id
from moothall.operations.stacks.declare import declare
from moothall.paths import IMAGES
from moothall.pulumi_engine.protocol.resource_types import CONTAINER
from moothall.pulumi_engine.state.passphrase import Passphrase

FOREIGN = image_id("somebody else's")
STACK = "dales.alston.hill"
EXCHANGE = ("keys", "rotate", "--master", "--yes")


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


def vault(operator: Operator) -> DerivingVault:
    """Return what somebody has who takes a copy of the keyring now, and its passphrase."""
    phrase = (operator.root.parent / "config/moothall/passphrase").read_text().strip()
    keyring = open_keyring(operator.root / ".moothall", "dales", lambda salt: Passphrase(phrase, salt), create=False)
    day = dales.DAY
    return DerivingVault(
        keyring.masters, "dales", agreed=day, as_of=day, version=lambda label: keyring.versions.of(label, {})
    )


def forge(operator: Operator, stolen: DerivingVault) -> None:
    """Write another image into the record, in the place of each, with a stolen key's seal wherever one stands."""
    state = operator.root / ".moothall"
    ids = dict.fromkeys(built_images.read(state, "dales"), FOREIGN)
    built_images.write(state, "dales", ids, stolen)
    built_images.hand_over(state, "dales", stolen, stolen)
    assert built_images.read_sealed(state, "dales", stolen) == ids


def assert_not_believed(operator: Operator) -> None:
    """Nothing of the record is run."""
    _, hint = operator.fails("preview")
    assert "Somebody has altered" in operator.shown[1]
    assert hint.startswith("moothall up --yes --partnership dales ")


def test_a_new_master_key_takes_the_record_over(operator: Operator, machine: Machine) -> None:
    """The same images are on record, and nobody who stole the former key adds another."""
    stolen, before = vault(operator), json.loads(record(operator).read_text())

    done(operator, *EXCHANGE)

    after = json.loads(record(operator).read_text())
    assert (after["images"], after.keys()) == (before["images"], before.keys())
    assert "not sealed" not in operator.shown[1]
    assert built_images.read_sealed(operator.root / ".moothall", "dales", stolen) == {}
    done(operator, "preview", "--detailed-exitcode")
    forge(operator, stolen)
    assert_not_believed(operator)
    done(operator, "up", "--yes")
    assert json.loads(record(operator).read_text()) == after
    assert FOREIGN not in images(machine)


@pytest.mark.parametrize(
    ("place", "is_begun"),
    [
        ("moothall.deploy.built_images.hand_over", False),
        ("moothall.keys.changes.write_keyring", False),
        ("moothall.operations.stacks.rotate.apply_phases", True),
        ("moothall.deploy.built_images.write", True),
    ],
)
def test_whoever_is_killed_leaves_a_record_that_is_believed(
    operator: Operator, machine: Machine, place: str, is_begun: bool
) -> None:
    """Whichever of the two keyrings is there; the next command works, and the exchange is gone on with or begun anew.
    From when the new keyring is there the former key seals nothing."""
    stolen, before = vault(operator), built_images.read(operator.root / ".moothall", "dales")

    killed(operator, place, *EXCHANGE)

    assert (vault(operator).secret(built_images.SEAL) != stolen.secret(built_images.SEAL)) is is_begun
    calls = len(machine.engine.calls)
    done(operator, "preview")
    assert built_images.read_sealed(operator.root / ".moothall", "dales", vault(operator)) == before
    left = record(operator).read_bytes()
    if is_begun:
        forge(operator, stolen)
        assert_not_believed(operator)
        record(operator).write_bytes(left)
    done(operator, *(("up", "--yes") if is_begun else EXCHANGE))
    assert built_images.read(operator.root / ".moothall", "dales") == before
    assert built_images.read_sealed(operator.root / ".moothall", "dales", stolen) == {}
    assert json.loads(record(operator).read_text()).keys() == {"images", "seal"}
    assert "not sealed" not in operator.shown[1]
    assert len(machine.engine.calls) > calls
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
