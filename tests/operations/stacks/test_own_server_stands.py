"""A council's own server through the real engine: it is stood up, the tenant's own containers go to it, it is left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.fakes.dales import DAY
from tests.operations.stacks.conftest import Roots
from tests.operations.stacks.partnership import INSTANCE, LEAVES, OTHER_PORT, PORT, SITE, STAYS
from tests.operations.stacks.scene import Scene

from moothall.failures import OK
from moothall.model.stackname import parts
from moothall.operations.stacks.destroy import DestroyOptions, destroy

GUARD = "moothall.operations.stacks.apply.refuse_elsewhere"
"""Who asks where the data is: a server here says yes to everything (tests/operations/tenant_move tries that)."""
OWN = "dales.ledger--alston.hill"
DEDICATED = "    ledger:\n      dedicated: true\n      networks: {hill: 10.1.2.0/24}\n"


@pytest.fixture
def scene(scene: Scene, roots: Roots, tmp_path: Path) -> Scene:
    """A scene in which alston has a server of its own by one of the ports' definitions, and shares by the other's."""
    root = shutil.copytree(roots[PORT], tmp_path / "own")
    file = root / "partnerships/dales/councils/alston.yaml"
    file.write_text(file.read_text().replace("    ledger:\n", DEDICATED))
    scene.roots = {PORT: root, OTHER_PORT: roots[PORT]}
    return scene


def test_it_stands_beside_the_shared_one(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """One `up` makes both servers, each tenant is on the network of its own, and then there is nothing left to do."""
    statuses, code = scene.up(PORT, DAY)

    assert code == OK, (statuses, scene.view)
    assert set(statuses) == {SITE, INSTANCE, OWN, STAYS, LEAVES}
    assert networks(scene, f"{STAYS}.ledger-application") == {f"{OWN}.network"}
    assert networks(scene, f"{LEAVES}.ledger-application") == {f"{INSTANCE}.network"}
    monkeypatch.setattr(GUARD, lambda *given: None)
    assert set(scene.up(PORT, DAY)[0].values()) == {"unchanged"}


def test_there_and_back_changes_the_tenants_stack_alone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its containers change servers, nobody else's do, and the former server is left until it is taken down by name."""
    monkeypatch.setattr(GUARD, lambda *given: None)
    assert scene.up(OTHER_PORT, DAY)[1] == OK
    before = scene.objects()

    statuses, code = scene.up(PORT, DAY)
    assert code == OK, (statuses, scene.view)
    others = dict.fromkeys((SITE, INSTANCE, LEAVES), "unchanged")
    assert statuses == {**others, STAYS: "succeeded", OWN: "succeeded"}
    assert networks(scene, f"{STAYS}.ledger-application") == {f"{OWN}.network"}
    own = scene.objects(OWN)

    statuses, code = scene.up(OTHER_PORT, DAY)
    assert code == OK, (statuses, scene.view)
    assert statuses == {**others, STAYS: "succeeded"}
    assert scene.objects(OWN) == own
    assert {name: found for name, found in scene.objects().items() if name not in own} == before

    context = scene.context(OTHER_PORT, DAY)._replace(council=parts(OWN).unit)
    report = destroy(context, DestroyOptions(with_data=True, confirm="dales"))
    assert report.exit_code == OK, report.view
    assert scene.objects() == before


def networks(scene: Scene, container: str) -> set[str]:
    """Return the names of the networks that a container is on."""
    engine = scene.machine.engine
    [inputs] = [engine.inputs[id_] for id_, live in engine.objects.items() if live.name == container]
    return {each["name"] for each in inputs["networksAdvanced"]}
