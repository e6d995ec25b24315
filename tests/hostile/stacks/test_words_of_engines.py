"""What an engine says, how its objects are called, and what lies in a state, is shown as words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.advice.taking import Operator
from tests.fakes.provided import Machine
from tests.hostile.front_door import Type
from tests.hostile.strings import MIXED, WORDS

from moothall.docker_engine.errors import NotConnected
from moothall.failures import OK
from moothall.pulumi_engine import EngineUnreachable
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, NETWORK, VOLUME
from moothall.pulumi_engine.provider.port import StepFailed

POSTGRES = "dales.ledger.hill.postgres"
UP = ["up", "--yes"]
LOCKS = ".moothall/.pulumi/locks/organization/moothall"


def lines(text: str) -> str:
    """Return a text as a program prints it: once as it is, and once with a line for each word."""
    return text + "\n" + text.replace(" ", "\n")


def test_an_engine_says_why_it_makes_nothing(operator: Operator, machine: Machine, type_: Type) -> None:
    """In a failed step of `up`."""
    for text in MIXED:

        def refuse(name: str, text: str = text) -> None:
            raise StepFailed(lines(text), left_id="half-made")

        machine.take(POSTGRES)
        machine.engine.on_create = refuse
        assert type_(operator.root, *UP, text_alone=True).code != OK


def test_an_engine_says_why_it_does_not_answer(
    operator: Operator, type_: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of itself, and of its provider."""
    for text in MIXED:

        def asked(machine: Machine, text: str = text) -> None:
            raise NotConnected(text, text, lines(text))

        def answers(machine: Machine, text: str = text) -> None:
            raise EngineUnreachable(text, lines(text))

        monkeypatch.setattr(Machine, "asked", asked)
        monkeypatch.setattr(Machine, "answers", answers)
        for words in (["preview"], UP, ["destroy", "--yes"], ["drift"], ["restore", "ledger"]):
            type_(operator.root, *words, text_alone=True)


def test_objects_of_others(operator: Operator, machine: Machine, type_: Type) -> None:
    """With names and labels as no engine should take them, in the way and beside."""
    for number, text in enumerate(MIXED):
        for kind in (CONTAINER, NETWORK, VOLUME):
            machine.put(kind, f"dales.{text}", owner=f"dales.{text}", id_=f"{text}{kind}")
        machine.put_beside(f"x{number}{text}", {"moothall.partnership": "dales", "moothall.probe": text, text: text})
    machine.take(POSTGRES)
    machine.put(CONTAINER, POSTGRES, owner=MIXED[0])
    for words in (["preview"], UP, ["drift"], ["destroy", "--yes"]):
        type_(operator.root, *words)


def test_locks_of_others(operator: Operator, type_: Type) -> None:
    """Whatever their files say of who holds them, and how they are called."""
    for number, text in enumerate(MIXED):
        folder = operator.root / LOCKS / f"dales.{WORDS[number].replace('/', '')[:60]}"
        for stack in (folder, operator.root / LOCKS / POSTGRES.rpartition(".")[0]):
            _write(stack / f"{number}.json", {"pid": 7, "username": text, "hostname": text, "timestamp": text})
            _write(stack / f"{number}x.json", {"pid": text, "username": [text], "hostname": {}, "timestamp": 10**40})
    for words in (["unlock"], ["unlock", POSTGRES.rpartition(".")[0]], UP, ["state", "history"]):
        type_(operator.root, *words)


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
