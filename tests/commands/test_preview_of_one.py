"""A preview of one council does less than one of everything, and refuses what that refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.commands.front_door import moothall, replace, sound_root

from moothall.deploy.deployment import PROJECT
from moothall.pulumi_engine import Backend
from moothall.pulumi_engine.protocol.urns import STACK_TYPE, make_urn
from moothall.pulumi_engine.state.checkpoint import save
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot

BARTON = "partnerships/dales/councils/barton.yaml"


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this is about what stands on an engine."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


def stand(root: Path, stack: str) -> None:
    """Have the state say that a stack stands."""
    urn = make_urn(stack, PROJECT, "", STACK_TYPE, f"{PROJECT}-{stack}")
    holds = Resource(urn=urn, type=STACK_TYPE, custom=False)
    save(Backend(root / ".moothall", str), PROJECT, stack, Snapshot((holds,)))


def test_another_council_s_mistake_is_refused(tmp_path: Path) -> None:
    """Definitions are checked whole, whoever is asked for."""
    root = sound_root(tmp_path)
    assert moothall("preview", root, "--council", "alston").returncode == 1  # no engine answers
    replace(root, BARTON, "spec:", "spec:\n  sites: none")

    done = moothall("preview", root, "--council", "alston")

    assert done.returncode == 3
    assert BARTON in done.stdout


def test_another_council_that_stands_is_still_defined(tmp_path: Path) -> None:
    """The councils that are not asked for have not vanished; one whose file is gone has."""
    root = sound_root(tmp_path)
    stand(root, "dales.barton.hill")
    stand(root, "dales.calder.hill")

    done = moothall("preview", root, "--council", "alston")

    assert done.returncode == 4
    assert "calder is defined no more but still stands" in done.stderr
    assert "barton" not in done.stderr


def test_a_council_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The name that was meant is offered."""
    done = moothall("preview", sound_root(tmp_path), "--council", "bartn")

    assert done.returncode == 64
    assert "--council barton" in done.stderr


def test_another_council_that_stands_has_the_uid_it_had(tmp_path: Path) -> None:
    """A uid that was exchanged is refused if the council stands, and is nobody's business if it does not."""
    root = sound_root(tmp_path)
    known = root / ".moothall" / "identities" / "dales.json"
    known.parent.mkdir(parents=True)
    known.write_text(json.dumps({"barton": "00000000-0000-4000-8000-000000000000"}))
    assert moothall("preview", root, "--council", "alston").returncode == 1
    stand(root, "dales.barton.vale")

    done = moothall("preview", root, "--council", "alston")

    assert done.returncode == 4
    assert "the uid of barton was 00000000-0000-4000-8000-000000000000" in done.stderr
