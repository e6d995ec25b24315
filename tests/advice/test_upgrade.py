"""After an upgrade of moothall every stack is looked at one by one: the same plan may be made into something else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.advice.taking import Operator
from tests.fakes.provided import Machine

from moothall import cache, paths
from moothall.deploy import applied_digests

LIBRARIES = ("pulumi", "pulumi_docker")


def looked(operator: Operator, verb: str, *words: str) -> tuple[set[str], int]:
    """Type a verb, and return the statuses of its stacks and how many objects are recreated."""
    code, _ = operator.type([verb, *words, "--format", "json"])
    assert code == 0, operator.shown
    view: dict[str, Any] = json.loads(operator.shown[0])
    return {stack["status"] for stack in view["stacks"]}, view["summary"]["replace"]


def test_newer_code_that_makes_the_same_is_run_and_then_known(
    operator: Operator, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`preview` runs the program each time, `up` once; the words are the same, and nothing is touched."""
    assert looked(operator, "preview") == ({"unchanged"}, 0)
    calls = list(machine.engine.calls)
    monkeypatch.setattr(applied_digests, "code", lambda: "of a newer moothall")

    assert looked(operator, "preview") == ({"previewed"}, 0)
    operator.type(["up", "--yes"])
    assert "No changes" in operator.shown[0]
    assert looked(operator, "preview") == ({"unchanged"}, 0)
    assert machine.engine.calls == calls


def test_newer_code_that_makes_something_else_reaches_everybody(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every container, although no line of YAML has changed."""
    monkeypatch.setattr(applied_digests, "code", lambda: "of a newer moothall")
    monkeypatch.setattr("moothall.deploy.resources._LOG_OPTIONS", {"max-file": "3", "max-size": "1m"})

    statuses, foreseen = looked(operator, "preview")
    assert (statuses, foreseen > 10) == ({"previewed"}, True)
    assert looked(operator, "up", "--yes") == ({"succeeded"}, foreseen)
    assert looked(operator, "preview") == ({"unchanged"}, 0)


def test_what_an_older_moothall_remembered_is_looked_at(operator: Operator) -> None:
    """It did not say by what code; nor does a file that somebody has spoilt."""
    [first, second, *_] = sorted((operator.root / ".moothall" / "applied").glob("*.json"))
    first.write_text(json.dumps({name: said for name, said in json.loads(first.read_text()).items() if name != "code"}))
    second.write_text("[]")

    operator.type(["preview", "--format", "json"])
    view = json.loads(operator.shown[0])
    assert {stack["stack"] for stack in view["stacks"] if stack["status"] == "previewed"} == {first.stem, second.stem}


def test_an_upgrade_while_a_site_is_silent_keeps_nobody_waiting(
    operator: Operator, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood there as planned still counts so for what needs it, although nobody can look."""
    [file, *_] = (operator.root / ".moothall" / "applied").glob("*.json")
    told = json.loads(file.read_text())
    monkeypatch.setattr(applied_digests, "code", lambda: "of a newer moothall")

    arguments = (operator.root / ".moothall", file.stem, told["plan"], told["checkpoint"])
    assert applied_digests.matches_plan(*arguments)
    assert not applied_digests.is_applied(*arguments)


def test_code_is_known_by_what_it_says(tmp_path: Path) -> None:
    """A copy elsewhere and of another day is the same code; one byte more, or another library, is other code."""
    copy = tmp_path / "engine"
    shutil.copytree(paths.ENGINE, copy)
    known = cache.portable_code_digest(paths.ENGINE, libraries=LIBRARIES)
    assert cache.portable_code_digest(copy, libraries=LIBRARIES) == known
    assert cache.portable_code_digest(copy, libraries=("pulumi",)) != known

    with (copy / "kinds.py").open("a") as file:
        file.write("#")
    assert cache.portable_code_digest(copy, libraries=LIBRARIES) != known
