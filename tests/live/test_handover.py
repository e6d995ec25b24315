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


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A small partnership, nothing of it standing."""
    made = small(tmp_path, "handed-over")
    made.clear()
    yield made
    made.clear()


def test_a_partnership_changes_hands(place: Place, pulumi: None) -> None:
    """Stood up by both, a part each: neither would change anything, each makes one change in what both made, and the
    second takes down what the first made."""
    for site in ("consett", "morpeth"):
        _good(place.run("up", "--yes", "--site", site, "--wait", "0"))
    _good(place.run("up", "--yes", *BY_PULUMI, timeout=1500))
    before = place.identities()

    assert _changes(_good(place.run("preview", "--format", "json"))) == NOTHING
    _good(place.run("up", "--yes"))
    assert place.identities() == before

    for memory, first, second in (("300MiB", BY_PULUMI, ()), ("310MiB", (), BY_PULUMI)):
        _resize(place, memory)
        assert _changes(_good(place.run("up", "--yes", "--format", "json", *first))) == NOTHING | {"update": 2}
        assert _ids(place.identities()) == _ids(before)
        assert _changes(_good(place.run("preview", "--format", "json", *second))) == NOTHING

    confirmed = ("destroy", "--with-data", "--confirm", place.name)
    _good(place.run(*confirmed, "--council", "northumberland", *BY_PULUMI))
    assert not [name for name in place.containers() if ".northumberland." in name]
    _good(place.run(*confirmed))
    assert (place.containers(), place.volumes()) == ({}, {})


def _ids(identities: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: id_ for name, (id_, _) in identities.items()}


def _resize(place: Place, memory: str) -> None:
    """Give one council's application so much memory: a change in place, of it and of its stand-by."""
    file = place.councils / "durham.yaml"
    text = re.sub(r"      memory: .*\n", "", file.read_text())
    file.write_text(re.sub(r"(    erp:\n)", rf"\1      memory: {memory}\n", text, count=1))


def _good(run: Run) -> Run:
    assert run.code == 0, run
    return run


def _changes(run: Run) -> dict[str, int]:
    return {op: run.json["summary"][op] for op in NOTHING}
