"""The engine falls silent at any call: this is told, nothing is lost, and the same command ends when it answers."""

from __future__ import annotations

import pytest
from tests.operations.stacks.conftest import FilmOf
from tests.operations.stacks.deeds import DEEDS, ROWS, nothing_is_left_to_do
from tests.operations.stacks.partnership import DATA
from tests.operations.stacks.scene import Scene, is_made

from moothall.failures import FAILED, OK, OperationError

SILENCES = [(name, number) for name, deed in DEEDS.items() for number in deed.silences]
SOUND = {"succeeded", "unchanged"}


@pytest.mark.parametrize(("name", "number"), SILENCES)
def test_silent_at_a_call(film: FilmOf, scene: Scene, name: str, number: int) -> None:
    """Before its first change the command is refused; later each stack says what has become of it."""
    done = film(name)
    scene.resume(done.start)
    before = scene.still()
    scene.machine.silent_from(number)
    try:
        statuses, code = DEEDS[name].act(scene)
    except OperationError as failure:
        assert "does not answer" in failure.message
        assert failure.state
        assert failure.hint
        assert scene.machine.hold() == before.held, "nothing is touched"
        assert not any(is_made(what) for what in done.heard[:number])
    else:
        assert code == FAILED, statuses
        what_is_told_is_true(scene, statuses, done.end)
    assert all(content in (ROWS, "") for content in scene.machine.engine.contents.values())
    assert scene.machine.engine.contents.get(DATA) in (done.start.held.contents.get(DATA), *EMPTIED[name])

    scene.machine.answer_again()
    statuses, code = DEEDS[name].act(scene)
    assert code == OK, (statuses, scene.view)
    assert scene.look() == done.end
    nothing_is_left_to_do(scene, name)


EMPTIED: dict[str, tuple[str | None, ...]] = {
    "first up": ("",),
    "change": (),
    "destroy": (),
    "destroy with data": (None,),
}
"""What may also have become of the data on the way."""


def what_is_told_is_true(scene: Scene, statuses: dict[str, str], end: dict[str, object]) -> None:
    """Hold that each stack that is told to be done is, that one is told not to be, and why."""
    assert set(statuses.values()) - SOUND
    for stack in scene.view["stacks"]:
        name = stack["stack"]
        if stack["status"] in SOUND:
            ended = {key for key in end if key.partition(" ")[2].startswith(f"{name}.")}
            assert scene.objects(name) == {key: end[key] for key in ended}
        else:
            assert stack["status"] in ("failed", "could-not-run")
            told = [stack["reason"], *(failure["message"] for failure in stack["failures"])]
            assert any("does not answer" in text or "did not succeed" in text for text in told), stack


def test_preview_of_a_silent_engine(film: FilmOf, scene: Scene) -> None:
    """It foresees nothing, says so of each stack, and nothing of what stands is said to be missing."""
    scene.resume(film("destroy").start)
    scene.machine.silent = True
    statuses, code = scene.preview()
    assert (set(statuses.values()), code) == ({"could-not-run"}, FAILED)
    assert all(not stack["steps"] for stack in scene.view["stacks"])
