"""A small partnership that stands on a machine in memory, and an operator who types commands there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest
from tests.advice.machines import by_hand
from tests.advice.taking import DAY, Operator
from tests.fakes.dales import define
from tests.fakes.plugged import plugged
from tests.fakes.provided import Machine

from moothall import cli


@pytest.fixture(scope="session")
def stood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Machine]]:
    """Stand the partnership up, once for all: its folder with the state in it, and the machine."""
    folder, machine = tmp_path_factory.mktemp("stood"), Machine()
    define(folder / "root")
    with pytest.MonkeyPatch.context() as patch:
        plugged(patch, machine)
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        assert cli.main(["up", "--yes", "--root", str(folder / "root"), "--as-of", DAY]) == 0
    yield folder, machine


@pytest.fixture
def machine(stood: tuple[Path, Machine], monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine as it is when the partnership stands."""
    made = Machine()
    made.engine = copy(stood[1].engine)  # its next ids are new ones, too
    made.engine.objects = dict(made.engine.objects)
    plugged(monkeypatch, made)
    return made


@pytest.fixture
def operator(
    stood: tuple[Path, Machine],
    machine: Machine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    """Somebody who works where it stands."""
    shutil.copytree(stood[0], tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = Operator(tmp_path / "root", by_hand(machine), monkeypatch, capsys)
    capsys.readouterr()
    return made
