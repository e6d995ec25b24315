"""A council whose use of an instance replaces an old ledger, on an engine in memory, and an operator at its root."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.cutover import smartstream
from tests.fakes.store import Store
from tests.operations.cutover.tenant import WORDS, Ledger, Watched

from moothall import cli
from moothall.model.planned import Plan
from moothall.operations.secrets import passing_vault
from moothall.pulumi_engine.provider.calls import calling

USE = "      until: 2010-01-01\n"
REPLACES = "      replaces: {system: Old Ledger, data: 2006-11-01}\n"
DAY, BEFORE = "2007-01-01", "2006-12-20"
"""The day on which the use begins, and one on which the tenant stands before that."""


class Typed(NamedTuple):
    """What came of a command: its exit code, what it printed, and what it told on the side."""

    code: int
    out: str
    err: str

    @property
    def hint(self) -> str:
        """The command that it advises, empty for none."""
        return next(iter(re.findall(r"^ +hint: (.*)$", self.err, re.MULTILINE)), "")

    @property
    def state(self) -> str:
        """What it says is so now, empty for nothing."""
        return next(iter(re.findall(r"^ +left: (.*)$", self.err, re.MULTILINE)), "")


class Operator:
    """Somebody who types `moothall cutover alston ledger`; each command is a process of its own."""

    def __init__(
        self, root: Path, extract: Path, engine: Watched, ledger: Ledger, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.root = root
        self.extract = extract
        self.engine = engine
        self.ledger = ledger
        self._capsys = capsys

    def type(self, *words: str, day: str = DAY) -> Typed:
        """Type the command, on a day."""
        return self.obey(["cutover", "alston", "ledger", *words, "--as-of", day])

    def obey(self, words: list[str]) -> Typed:
        """Type a command as it was advised; DIR is where the extract is."""
        words = [str(self.extract) if word == "DIR" else word for word in words]
        where = [] if "--root" in words else ["--root", str(self.root)]
        day = [] if "--as-of" in words else ["--as-of", DAY]
        self._capsys.readouterr()
        code = cli.main([*words, *where, *day])
        return Typed(code, *self._capsys.readouterr())

    def evidence(self) -> list[str]:
        """Return the names of what was written down, without endings, each of which is there in three forms."""
        names = [file.stem for file in (self.root / "evidence").glob("*")]
        assert all(names.count(name) == 3 for name in names)
        return sorted(set(names))


@pytest.fixture
def ledger() -> Ledger:
    """A tenant without a ledger."""
    return Ledger()


@pytest.fixture
def operator(
    stood: Path,
    dales: tuple[Path, Plan],
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    """Somebody with a sound extract, where the tenant stands; every question to the engine is counted."""
    council = stood / "partnerships/dales/councils/alston.yaml"
    council.write_text(council.read_text().replace(USE, USE + REPLACES))
    [prepare] = [
        c for stack in dales[1].stacks for c in stack.containers if c.name == "dales.alston.hill.ledger-prepare"
    ]
    engine = Watched(Store([prepare.image], {WORDS: ledger.job}))

    def identity(endpoint: object) -> str:
        with calling(str(getattr(endpoint, "host", ""))):
            engine.machine.asked()
        return "THIS"

    monkeypatch.setattr("moothall.pulumi_engine.identity", identity)
    monkeypatch.setattr("moothall.operations.cutover.run_job.engine_at", lambda endpoint: engine)
    monkeypatch.setattr("moothall.operations.cutover.tenancy.open_vault", lambda context, plan: passing_vault(plan))
    extract = smartstream.write(tmp_path / "an extract", journals=3, lines=3)
    return Operator(stood, extract, engine, ledger, capsys)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Return what has every question answered so; it returns the questions that will have been asked."""

    def given(answer: str) -> list[str]:
        asked: list[str] = []

        def ask(stream: object, shown: object, question: str) -> str:
            asked.append(question)
            return answer

        monkeypatch.setattr("moothall.report.progress._ask", ask)
        return asked

    return given
