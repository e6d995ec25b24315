"""What a declarative program asks for is carried out as if it had been run again, and it is not run again."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.pulumi_cli.real_pulumi import revealed
from tests.pulumi_engine.conformance import CASES
from tests.pulumi_engine.lab import Words, ops
from tests.pulumi_engine.memory_engine import MemoryLab, fails_once

from moothall.pulumi_engine.protocol.values import plain
from moothall.pulumi_engine.steps.observer import SILENT
from moothall.pulumi_engine.steps.operations import Operation

_IDS = re.compile(r"\bid-\d+\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@pytest.mark.parametrize("name", CASES)
def test_the_same_comes_of_it(name: str, tmp_path: Path) -> None:
    """Steps, calls and state of each case are those of a program that is run twice."""
    twice, once = MemoryLab(tmp_path / "twice"), MemoryLab(tmp_path / "once", declarative=True)

    for declare in (CASES[name].first, CASES[name].then):
        assert ops(once.up(declare)) == ops(twice.up(declare))

    assert sorted(once.engine.calls) == sorted(twice.engine.calls)
    assert recorded(once) == recorded(twice)


def test_it_is_run_once(tmp_path: Path) -> None:
    """Unless it is seen to make something of an id."""
    lab, runs = MemoryLab(tmp_path, declarative=True), []

    def declares(w: Words) -> None:
        runs.append("declares")
        w.container("app", networks_advanced=w.joined(w.network("net")))

    def exports(w: Words) -> None:
        runs.append("exports")
        w.pulumi.export("id", w.container("app").id)

    lab.up(declares)
    lab.up(exports)

    assert runs == ["declares", "exports", "exports"]


@pytest.mark.parametrize("declarative", [False, True])
def test_a_program_may_wait_for_answers(tmp_path: Path, declarative: bool) -> None:
    """It hears of what it has declared before it declares more, in every run of it."""
    lab, heard = MemoryLab(tmp_path), []

    async def program() -> None:
        words = Words(lab.prefix, lab.owner()[1], lab.host)
        heard.append(await words.network("net").name.future())
        words.container("app", networks_advanced=words.joined(words.name_of("net")))

    run = replace(lab.run(lambda w: None), program=program, declarative=declarative)
    operation = Operation(run, lab.backend, SILENT, lambda address: lab.engine)

    assert operation.up(threading.Event()).status == "succeeded"
    assert heard == ["mem-net"] * (1 if declarative else 2)
    assert [name for _, name in lab.engine.calls] == ["mem-net", "mem-app"]


def test_what_does_not_need_a_failure_is_made_all_the_same(tmp_path: Path) -> None:
    """The rest of it is made by the next run."""
    lab = MemoryLab(tmp_path, declarative=True)
    lab.engine.on_create = fails_once("mem-net")

    def declare(w: Words) -> None:
        w.container("inside", networks_advanced=w.joined(w.network("net")))
        w.container("outside")

    failed = lab.up(declare)

    assert failed.status == "failed"
    assert [name for _, name in lab.engine.calls] == ["mem-outside"]
    assert lab.up(declare).status == "succeeded"
    assert sorted(name for _, name in lab.engine.calls) == ["mem-inside", "mem-net", "mem-outside"]


def test_it_can_be_stopped(tmp_path: Path) -> None:
    """What is under way ends, and nothing else is begun."""
    lab, stop = MemoryLab(tmp_path, declarative=True), threading.Event()
    lab.engine.on_create = lambda name: stop.set()

    outcome = lab.up(lambda w: w.container("app", networks_advanced=w.joined(w.network("net"))), stop=stop)

    assert outcome.status == "interrupted"
    assert lab.engine.calls == [("create", "mem-net")]


def recorded(lab: MemoryLab) -> dict[str, Any]:
    """The resources in the state by URN, in clear, with names in place of the ids and without the times of the run."""
    state = lab.checkpoint()
    vault = revealed(lab) if "secrets_providers" in state else None
    resources = state.get("resources", ())
    names = {item["id"]: f"id of {item['urn']}" for item in resources if item.get("id")}
    found = {}
    for item in resources:
        clear = {
            key: plain(vault.reveal(item.get(key, {})) if vault else item.get(key)) for key in ("inputs", "outputs")
        }
        text = json.dumps({**item, **clear, "created": "", "modified": ""}, sort_keys=True)
        found[item["urn"]] = json.loads(_IDS.sub(lambda match: names.get(match[0], match[0]), text))
    return found
