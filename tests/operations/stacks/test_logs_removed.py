"""What was seen in a store of logs is forgotten when the store is removed with all that it kept, and not before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.fakes.dales import DAY
from tests.operations.stacks.conftest import Roots
from tests.operations.stacks.partnership import OTHER_PORT, PORT
from tests.operations.stacks.scene import Scene

from moothall.failures import OK


@pytest.fixture
def scene(scene: Scene, roots: Roots, tmp_path: Path) -> Scene:
    """A scene in which logs are gathered, and somebody has looked at them."""
    root = shutil.copytree(roots[OTHER_PORT], tmp_path / "gathered")
    file = root / "partnerships/dales/partnership.yaml"
    file.write_text(f"{file.read_text()}  logs: {{site: hill, keep: 30d}}\n")
    scene.roots = {PORT: root, OTHER_PORT: root}
    assert scene.up(PORT, DAY)[1] == OK
    seen(scene).parent.mkdir()
    seen(scene).write_text("{}")
    return scene


def seen(scene: Scene) -> Path:
    """Return the file in which it is remembered what was seen."""
    return scene.state / "trail" / "dales.hill.logs.json"


def test_removed_with_its_data_it_is_forgotten(scene: Scene) -> None:
    """Or `verify` would miss, in a store that is made anew, what nobody has any more."""
    assert scene.destroy_with_data()[1] == OK
    assert not seen(scene).exists()


def test_what_keeps_its_data_is_remembered(scene: Scene) -> None:
    """The lines are in the volume still, and nobody may change them meanwhile; nor does who removes something else."""
    assert scene.destroy(with_data=True, council="alston")[1] == OK
    assert seen(scene).exists()
    assert scene.destroy()[1] == OK
    assert seen(scene).exists()
