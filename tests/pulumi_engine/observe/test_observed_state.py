"""What a survey keeps of the states spares it reading them again, and never changes what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.pulumi_engine.lab import PROJECT, Words
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall import pulumi_engine
from moothall.cache import Cache
from moothall.pulumi_engine.errors import StateCorrupt
from moothall.pulumi_engine.observe.observed_state import survey_project
from moothall.pulumi_engine.state import checkpoint, journal
from moothall.pulumi_engine.steps.outcome import Survey


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryLab:
    """A stack of a network, a volume and a container that stands, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    made = MemoryLab(tmp_path / "state")
    made.up(standing)
    return made


def standing(w: Words) -> None:
    """What stands."""
    w.container("app", networks_advanced=w.joined(w.network("net")), mounts=w.mounted(w.volume("data")))


def survey(lab: MemoryLab, code: bytes = b"code") -> Survey:
    """Survey with what earlier surveys by the same code have kept, as a run of its own would."""
    cache = Cache(lab.root.parent / "home" / "kept", code)
    return survey_project(PROJECT, replace(lab.backend, cache=cache), lambda address: lab.engine)


def afresh(lab: MemoryLab) -> Survey:
    """Survey with nothing kept."""
    return survey_project(PROJECT, lab.backend, lambda address: lab.engine)


def test_it_says_the_same_again(lab: MemoryLab) -> None:
    """Of what stands, of what stands no more, and of another state of it."""
    assert survey(lab) == survey(lab) == afresh(lab)
    [gone, *_] = [id_ for id_, live in lab.engine.objects.items() if live.name == "mem-app"]
    del lab.engine.objects[gone]
    assert survey(lab) == afresh(lab)
    assert [drift.trouble for drift in survey(lab).stacks[0].drift] == ["missing"]

    lab.up(lambda w: w.volume("data"))

    assert survey(lab) == afresh(lab)
    assert survey(lab).stacks[0].drift == ()


def test_a_known_state_is_not_read(lab: MemoryLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only by the code that has kept it."""
    told = survey(lab)
    monkeypatch.setattr(checkpoint, "load", None)

    assert survey(lab) == told
    with pytest.raises(TypeError):
        survey(lab, b"another code")


def test_a_state_that_was_damaged_is_told(lab: MemoryLab) -> None:
    """However well it was known before."""
    survey(lab)
    path = lab.backend.checkpoint(PROJECT, "dev")
    path.write_text(path.read_text().replace("mem-app", "mem-app2", 1))

    with pytest.raises(StateCorrupt):
        survey(lab)


def test_a_journal_is_a_part_of_the_state(lab: MemoryLab) -> None:
    """A killed run has left one: the calls that it did not end are told."""
    survey(lab)
    found = pulumi_engine.checkpoint_digest(PROJECT, "dev", lab.backend)
    resource = next(item for item in lab.checkpoint()["resources"] if item["urn"].endswith("::app"))
    left = journal.Journal(lab.backend.journal(PROJECT, "dev"), "dev", str(found))
    left.add([{"begin": resource, "type": "deleting"}])
    left.close()

    assert survey(lab) == survey(lab) == afresh(lab)
    assert survey(lab).stacks[0].pending == 1


def test_the_same_state_under_another_name_is_refused(lab: MemoryLab) -> None:
    """A checkpoint says whose it is, and a known one of another stack is not taken for it."""
    survey(lab)
    copy = lab.backend.checkpoint(PROJECT, "copy")
    copy.write_bytes(lab.backend.checkpoint(PROJECT, "dev").read_bytes())

    with pytest.raises(StateCorrupt):
        survey(lab)
    assert json.loads(copy.read_text())["checkpoint"]["stack"].endswith("/dev")
