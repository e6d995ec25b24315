"""A partnership handed from the embedded engine to the real Pulumi CLI, and the other way round, on one Docker engine.

The CLI is built from its Go module (`tools/pulumi`); its Docker plug-in is our own provider, served over Pulumi's
provider protocol.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.running import PROJECT, Place, Run, small

sys.path.append(str(PROJECT / "tests" / "engine"))

from real_pulumi import installation

pytestmark = pytest.mark.live

NOTHING = {"create": 0, "update": 0, "replace": 0, "delete": 0}
BY_PULUMI = ("--engine", "pulumi")


@pytest.fixture(scope="module")
def pulumi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The CLI and its plug-in, installed where moothall looks for them."""
    folder = tmp_path_factory.mktemp("installed") / "pulumi"
    installation(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOOTHALL_PULUMI", str(folder))
        yield


@pytest.fixture(params=["handed-over", "handed-back"], ids=["to-pulumi", "to-embedded"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A small partnership, nothing of it standing."""
    made = small(tmp_path, request.param)
    made.clear()
    yield made
    made.clear()


def test_a_partnership_changes_hands(place: Place, pulumi: None) -> None:
    """Stood up by one engine; the other previews nothing, touches nothing, makes one change, and takes all down."""
    first, second = ((), BY_PULUMI) if place.name == "mh-handed-over" else (BY_PULUMI, ())
    _good(place.run("up", "--yes", *first, timeout=1500))
    before = place.identities()

    assert _changes(_good(place.run("preview", "--format", "json", *second))) == NOTHING
    _good(place.run("up", "--yes", *second))
    assert place.identities() == before

    _smaller(place)
    assert _changes(_good(place.run("up", "--yes", "--format", "json", *second))) == NOTHING | {"update": 2}
    assert {name: id_ for name, (id_, _) in place.identities().items()} == {n: id_ for n, (id_, _) in before.items()}
    assert _changes(_good(place.run("preview", "--format", "json", *first))) == NOTHING

    _good(place.run("destroy", "--with-data", "--confirm", place.name, *second))
    assert (place.containers(), place.volumes()) == ({}, {})


def _smaller(place: Place) -> None:
    """Give one council's application less memory: a change in place, of it and of its stand-by."""
    file = place.councils / "durham.yaml"
    file.write_text(re.sub(r"(    erp:\n)", r"\1      memory: 300MiB\n", file.read_text(), count=1))


def _good(run: Run) -> Run:
    assert run.code == 0, run
    return run


def _changes(run: Run) -> dict[str, int]:
    return {op: run.json["summary"][op] for op in NOTHING}
