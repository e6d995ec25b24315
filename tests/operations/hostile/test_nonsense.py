"""Whatever a program in a container answers, a command ends with words for people, and none of them does any harm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.fakes.containers import Container
from tests.fakes.machine import Machine
from tests.hostile.front_door import Type
from tests.hostile.strings import MIXED
from tests.operations.drill.conftest import Operator
from tests.operations.restore.moments import Moment
from tests.postgres_fake import script_of

from moothall.docker_engine.one_off import ContainerResult

BACKUP = {
    "label": "F\n--db-include=evil",
    "error": False,
    "timestamp": {"stop": 1},
    "archive": {"stop": "1\x1b"},
    "database": {"repo-key": 1},
}
REPOSITORIES = [{"key": 1}]
ANSWERS = [
    "{}",
    "[]",
    "[[[]]]",
    "null",
    "7",
    "1e999",
    "[{}]",
    '{"role": {}, "timeline": "evil", "position": "evil/evil", "size": 1, "tables": [["evil"]], "first": "evil"}',
    '{"size": 1, "tables": [[{}, [], {}, []]], "evil.history": {"time": "evil"}, "copied": {}, "lostCommits": []}',
    json.dumps([{"name": [], "backup": [BACKUP], "repo": REPOSITORIES}]),
    json.dumps(
        [
            {
                "name": "ledger",
                "backup": [BACKUP | {"label": [], "timestamp": {"stop": "evil"}, "database": {"repo-key": "1\n--x"}}],
                "repo": [{"key": "1 --x"}],
            }
        ]
    ),
    json.dumps(
        [
            {
                "backup": [BACKUP | {"timestamp": {"stop": 10**40}, "database-ref": [{"name": "a\nb"}]}],
                "repo": REPOSITORIES,
            }
        ]
    ),
    "evil\tevil\n" * 1000,
    "evil|evil|evil|evil|evil|evil",
    "-1",
    "9" * 5000,
    *(text.replace("\ud800", "") for text in MIXED),
]
KINDS = 4
"""Of every fourth answer one is tried at each place, so that it takes seconds."""
VERBS = {
    "restore": ["restore", "ledger"],
    "swap": ["restore", "alston", "--swap", "--confirm", "alston"],
    "export": ["decommission", "carlin", "--export", "TARGET"],
    "drill": ["drill", "restore", "ledger"],
    "failover": ["failover", "ledger"],
    "failback": ["failback", "ledger"],
}
MOST_ANSWERS = 60


class Garbling:
    """The programs of a machine, of which one answer is replaced; `count` is how many there were.

    What psql says is taken apart by `moothall.postgres`, and is its tests' business.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count, self.place, self.answer = 0, -1, ContainerResult(0, "", "")
        genuine = Machine.execute

        def execute(
            machine: Machine, made: Container, command: Sequence[str], environment: Mapping[str, str]
        ) -> ContainerResult:
            result = genuine(machine, made, command, environment)
            if script_of(command) and "DATABASE" not in environment:
                return result
            self.count += 1
            return self.answer if self.count - 1 == self.place else result

        patch.setattr(Machine, "execute", execute)


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("verb", VERBS)
def test_one_answer_is_nonsense(
    operator: Operator,
    machine: Machine,
    verb: str,
    code: int,
    tmp_path: Path,
    type_: Type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One after another, each of several kinds."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    garbling, moment = Garbling(monkeypatch), Moment(machine, operator.root)
    words = [word.replace("TARGET", str(tmp_path / "export")) for word in VERBS[verb]]
    for place in range(MOST_ANSWERS):
        for answer in ANSWERS[place % KINDS :: KINDS]:
            garbling.count, garbling.place, garbling.answer = 0, place, ContainerResult(code, answer, answer)
            type_(operator.root, *words, text_alone=True)
            moment.resume()
        if garbling.count <= place:
            break
    assert place
