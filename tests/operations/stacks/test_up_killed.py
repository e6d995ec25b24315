"""`up` and `destroy` that were killed at any change are given again: they end as if nobody had disturbed them."""

from __future__ import annotations

import pytest
from tests.operations.stacks.conftest import FilmOf
from tests.operations.stacks.deeds import CHANGE_WORDS, DEEDS, nothing_is_left_to_do
from tests.operations.stacks.scene import Scene, is_made

from moothall.failures import OK

MOMENTS = [(name, number) for name, deed in DEEDS.items() for number in deed.kills]
KINDS = {"first up": {"create"}, "change": {"create", "update", "delete"}}


@pytest.mark.parametrize("name", DEEDS)
def test_these_are_all_changes(film: FilmOf, name: str) -> None:
    """Each change has its two moments, and each deed the kinds of changes for which it is here."""
    deed, done = DEEDS[name], film(name)
    assert len(done.heard) == deed.calls
    assert [what.startswith(CHANGE_WORDS) for what, _ in done.stills] == [True, False] * deed.changes
    assert [is_made(what) for what, _ in done.stills] == [False, True] * deed.changes
    expected = KINDS.get(name, {"delete"})
    assert {what.partition(" ")[0] for what, _ in done.stills} == expected | {f"{kind}d" for kind in expected}


@pytest.mark.parametrize(("name", "number"), MOMENTS)
def test_given_again(film: FilmOf, scene: Scene, name: str, number: int) -> None:
    """The engine, the states and their folder are as they would have been, and nothing is left to be done."""
    scene.resume(film(name).stills[number][1])
    statuses, code = DEEDS[name].act(scene)
    assert code == OK, (statuses, scene.view)
    assert scene.look() == film(name).end
    nothing_is_left_to_do(scene, name)


@pytest.mark.parametrize(("name", "number", "more"), [("change", 27, 2), ("destroy", 12, 7)])
def test_killed_twice(film: FilmOf, scene: Scene, name: str, number: int, more: int) -> None:
    """Who is killed while going on goes on at the third time."""
    scene.resume(film(name).stills[number][1])
    seen = []

    def keep(what: str) -> None:
        if what.startswith(CHANGE_WORDS) or is_made(what):
            seen.append(scene.still())

    scene.machine.watch = keep
    DEEDS[name].act(scene)
    scene.resume(seen[more])
    statuses, code = DEEDS[name].act(scene)
    assert code == OK, (statuses, scene.view)
    assert scene.look() == film(name).end


@pytest.mark.parametrize("number", [2, 25])
def test_preview_after_a_kill_tells_what_is_left_and_touches_nothing(film: FilmOf, scene: Scene, number: int) -> None:
    """It reads what the killed run has left without taking it over: lock, journal and all."""
    still = film("first up").stills[number][1]
    scene.resume(still)
    before = scene.still()
    scene.preview()
    foreseen = sum(stack["summary"]["create"] for stack in scene.view["stacks"])
    assert foreseen
    assert scene.still() == before
    statuses, code = scene.change()
    assert code == OK, statuses
    assert sum(stack["summary"]["create"] for stack in scene.view["stacks"]) == foreseen
