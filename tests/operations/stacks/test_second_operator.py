"""A second operator works on a stack: it is told who that is, and what is theirs is not touched."""

from __future__ import annotations

import os
import socket
from contextlib import nullcontext
from threading import Event

import pytest
from tests.operations.stacks.conftest import FilmOf
from tests.operations.stacks.deeds import CHANGE_WORDS, DEEDS, nothing_is_left_to_do
from tests.operations.stacks.partnership import INSTANCE, LEAVES, SITE, STAYS
from tests.operations.stacks.scene import Scene

from moothall.deploy.deployment import PROJECT
from moothall.failures import BLOCKED, OK
from moothall.operations.stacks.locks import hold_stacks
from moothall.pulumi_engine.errors import Locked
from moothall.pulumi_engine.state import lock

ALL = [SITE, INSTANCE, STAYS]
HELD = [
    *(("first up", stack, ALL[ALL.index(stack) :]) for stack in ALL),
    ("change", LEAVES, [LEAVES, *ALL]),
    ("change", STAYS, [STAYS]),
    *((deed, stack, ALL[: ALL.index(stack) + 1]) for deed in ("destroy", "destroy with data") for stack in ALL),
]
"""For each deed a stack that somebody holds, and the stacks that wait for it, itself among them."""


@pytest.mark.parametrize(("name", "held", "waiting"), HELD)
def test_somebody_holds_a_stack(film: FilmOf, scene: Scene, name: str, held: str, waiting: list[str]) -> None:
    """What waits for that stack is as it was, everything else is done, and so is that when they have gone."""
    done = film(name)
    scene.resume(done.start)
    before = {stack: scene.objects(stack) for stack in waiting}
    with hold_stacks(scene.context(), [held]):
        statuses, code = DEEDS[name].act(scene)
    assert code == BLOCKED
    [told] = [stack for stack in scene.view["stacks"] if stack["stack"] == held]
    assert told["status"] == "locked"
    assert f"Stack {held} is locked by process {os.getpid()} on {socket.gethostname()} since 20" in told["reason"]
    assert "Nothing was touched." in told["reason"]
    assert told["hint"].startswith(f"moothall unlock {held}")
    assert {stack for stack, status in statuses.items() if status in ("locked", "could-not-run")} == set(waiting)
    assert {stack: scene.objects(stack) for stack in waiting} == before

    statuses, code = DEEDS[name].act(scene)
    assert code == OK, statuses
    assert scene.look() == done.end
    nothing_is_left_to_do(scene, name)


@pytest.mark.parametrize("name", ["change", "destroy with data"])
def test_nobody_else_works_meanwhile(film: FilmOf, scene: Scene, name: str) -> None:
    """At each change the stack that is changed is held, and at the end none is."""
    scene.resume(film(name).start)
    seen = []

    def look(what: str) -> None:
        if what.startswith(CHANGE_WORDS):
            seen.append((what, [stack for stack in (*ALL, LEAVES) if is_held(scene, stack)]))

    scene.machine.watch = look
    assert DEEDS[name].act(scene)[1] == OK
    assert len(seen) == DEEDS[name].changes
    assert all(held == [what.partition(" ")[2].rpartition(".")[0]] for what, held in seen)
    assert not any(is_held(scene, stack) for stack in (*ALL, LEAVES))


def is_held(scene: Scene, stack: str) -> bool:
    """Say whether somebody who works on this stack is refused."""
    try:
        with lock.hold_all(scene.backend, PROJECT, [stack]):
            return False
    except Locked:
        return True


@pytest.mark.parametrize("call", [f"create {SITE}.local", f"create {INSTANCE}.postgres"])
def test_two_stand_up_the_same(film: FilmOf, scene: Scene, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """The second one is told that a stack is locked; what both have done together is what one would have."""
    monkeypatch.setattr("moothall.operations.stacks.apply.interruptible", lambda progress: nullcontext(Event()))
    answers = []

    def join(what: str) -> None:
        if what == call:
            scene.machine.watch = lambda what: None
            answers.append(scene.change())

    scene.resume(film("first up").start)
    scene.machine.watch = join
    assert scene.change()[1] == OK
    [(statuses, code)] = answers
    assert code == BLOCKED
    assert statuses[call.partition(" ")[2].rpartition(".")[0]] == "locked"
    assert scene.look() == film("first up").end
    nothing_is_left_to_do(scene, "first up")


def test_preview_asks_for_no_lock(film: FilmOf, scene: Scene) -> None:
    """Who only looks ahead keeps nobody from working, and is kept by nobody."""
    scene.resume(film("change").start)
    before = scene.preview()
    with hold_stacks(scene.context(), [*ALL, LEAVES]):
        assert scene.preview() == before
