"""What is done with stacks, from which moment on, and in how many changes on the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tests.operations.stacks.partnership import APPLICATION, DATA
from tests.operations.stacks.scene import Answer, Scene, Still, is_made

from moothall.failures import OK

CHANGE_WORDS = ("create ", "update ", "delete ", "release ")
ROWS = "the rows of both councils"


class Deed(NamedTuple):
    """What is done before, what is done, and how many `changes` and `calls` of any kind that comes to.

    Each change has two moments: before it (an even number), and when it is made and nobody has been told.
    `kills` are the moments at which the deed is killed, `silences` the calls at which the engine falls silent. To go on
    with `up` takes a third of a second, and the four parts of a tenant are made and removed alike. So there it is every
    fifth or seventh moment, of the first kind and of the second in turn; `destroy` is quick, and killed at each change.
    """

    prepare: Callable[[Scene], object]
    act: Callable[[Scene], Answer]
    changes: int
    calls: int
    kills: Sequence[int]
    silences: Sequence[int]


def nothing(scene: Scene) -> None:
    """Nothing stands."""


def both_stand(scene: Scene) -> None:
    """Both councils work there, and somebody has stopped an application by hand."""
    scene.stand_up()
    engine = scene.machine.engine
    engine.contents[DATA] = ROWS
    [id_] = [id_ for id_, live in engine.objects.items() if live.name == APPLICATION]
    engine.objects[id_] = replace(engine.objects[id_], running=False)


def one_stands(scene: Scene) -> None:
    """One council works there."""
    scene.change()
    scene.machine.engine.contents[DATA] = ROWS


FIRST_UP = Deed(nothing, Scene.change, 21, 53, range(0, 42, 5), [0, 1, 2, 3, 4, 7, 16, 25, 34, 52])
CHANGE = Deed(
    both_stand, Scene.change, 16, 47, [*range(0, 26, 7), *range(26, 32)], [0, 1, 2, 4, 7, 9, 16, 40, 41, 45, 46]
)
DESTROY = Deed(one_stands, Scene.destroy, 20, 48, [*range(0, 40, 2), *range(1, 40, 6)], [0, 1, *range(2, 48, 5)])
DESTROY_WITH_DATA = Deed(
    one_stands, Scene.destroy_with_data, 21, 52, [*range(0, 42, 3), 32], [0, 1, 2, *range(3, 52, 5)]
)
DEEDS = {"first up": FIRST_UP, "change": CHANGE, "destroy": DESTROY, "destroy with data": DESTROY_WITH_DATA}


@dataclass
class Film:
    """A deed that nobody disturbs: when it begins, the two moments of each change, all that the engine has heard, and
    how everything looks at the end."""

    start: Still
    stills: list[tuple[str, Still]]
    heard: list[str]
    end: dict[str, object]


def filmed(scene: Scene, deed: str, start: Still) -> Film:
    """Do a deed from its start, and keep each moment of it."""
    machine, stills = scene.machine, list[tuple[str, Still]]()
    scene.resume(start)
    machine.heard.clear()

    def keep(what: str) -> None:
        if what.startswith(CHANGE_WORDS) or is_made(what):
            stills.append((what, scene.still()))

    machine.watch = keep
    statuses, code = DEEDS[deed].act(scene)
    machine.answer_again()
    assert code == OK, statuses
    return Film(start, stills, list(machine.heard), scene.look())


def nothing_is_left_to_do(scene: Scene, name: str) -> None:
    """Hold that `preview` is empty, or that who takes down once more takes nothing down."""
    calls = list(scene.machine.engine.calls)
    statuses, code = DEEDS[name].act(scene) if "destroy" in name else scene.preview()
    assert code == OK, statuses
    assert "destroy" in name or set(statuses.values()) == {"unchanged"}, statuses
    assert scene.machine.engine.calls == calls
