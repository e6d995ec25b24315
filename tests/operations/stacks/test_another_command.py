"""After a kill another command is given than the one that was killed, or the definitions are others."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.operations.stacks.conftest import FilmOf
from tests.operations.stacks.deeds import ROWS
from tests.operations.stacks.partnership import DATA, LEAVES, OTHER_PORT, define
from tests.operations.stacks.scene import Scene

from moothall.failures import OK, REFUSED, OperationError


@pytest.mark.parametrize("number", range(42))
def test_a_first_up_is_killed_and_all_is_to_go(film: FilmOf, scene: Scene, number: int) -> None:
    """Whatever it had made goes: also what no record names."""
    scene.resume(film("first up").stills[number][1])
    statuses, code = scene.destroy_with_data()
    assert code == OK, (statuses, scene.view)
    assert scene.objects() == {}


@pytest.mark.parametrize("number", range(1, 40, 9))
def test_a_destroy_is_killed_and_all_is_to_stand(film: FilmOf, scene: Scene, number: int) -> None:
    """It stands as before, with its data."""
    scene.resume(film("destroy").start)
    end = scene.objects()
    scene.resume(film("destroy").stills[number][1])
    statuses, code = scene.change()
    assert code == OK, (statuses, scene.view)
    assert scene.objects() == end
    assert scene.machine.engine.contents[DATA] == ROWS


@pytest.mark.parametrize("number", [1, 14, 25])
def test_a_destroy_is_killed_and_the_data_is_to_go_too(film: FilmOf, scene: Scene, number: int) -> None:
    """It goes."""
    scene.resume(film("destroy").stills[number][1])
    assert scene.destroy_with_data()[1] == OK
    assert scene.look() == film("destroy with data").end


@pytest.fixture
def vanished(scene: Scene, tmp_path: Path) -> Scene:
    """A scene in which somebody has removed the file of carlin."""
    root = tmp_path / "root"
    define(root, OTHER_PORT)
    (root / "partnerships/dales/councils/carlin.yaml").unlink()
    scene.roots = {**scene.roots, OTHER_PORT: root}
    return scene


@pytest.mark.parametrize("number", [None, 1, 12])
def test_a_council_whose_file_is_gone(film: FilmOf, vanished: Scene, number: int | None) -> None:
    """It is no permission: neither `up` nor `preview` goes on, also when carlin was half taken down; `destroy` does."""
    done = film("change")
    vanished.resume(done.start if number is None else done.stills[number][1])
    before = vanished.still()
    for act in (vanished.change, vanished.preview):
        with pytest.raises(OperationError, match=f"carlin is defined no more but still stands: {LEAVES}") as refused:
            act()
        assert (refused.value.exit_code, refused.value.state) == (REFUSED, "Nothing was touched.")
        assert "moothall destroy --council carlin" in refused.value.hint
    assert vanished.still() == before

    assert vanished.destroy(council="carlin")[1] == OK
    assert vanished.objects(LEAVES) == {}
    assert vanished.change()[1] == OK
    assert vanished.look() == done.end
    assert vanished.machine.engine.contents[DATA] == ROWS
