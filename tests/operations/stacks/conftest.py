"""Operators of a small partnership in memory."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.fakes.plugged import plugged
from tests.fakes.watched import WatchedMachine
from tests.operations.stacks.deeds import DEEDS, Film, filmed
from tests.operations.stacks.partnership import OTHER_PORT, PORT, define
from tests.operations.stacks.scene import Scene

Roots = dict[int, Path]
FilmOf = Callable[[str], Film]


@pytest.fixture(scope="session")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Roots:
    """The folders with definitions, which nobody changes, by the port that is published."""
    made = {port: tmp_path_factory.mktemp(f"port-{port}") for port in (PORT, OTHER_PORT)}
    for port, root in made.items():
        define(root, port)
    return made


@pytest.fixture(scope="session", autouse=True)
def heap() -> Iterator[None]:
    """Have the collector leave alone what is loaded: to look through it costs a quarter of the time of each program."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the passphrase, which is the same in every scene."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "passphrase").touch(0o600)
    (folder / "passphrase").write_text("the same in every scene")
    return folder


@pytest.fixture(scope="session")
def dead() -> int:
    """The number of a process that has been."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def begun(patch: pytest.MonkeyPatch, home: Path, roots: Roots, state: Path, dead: int) -> Scene:
    """Return a scene in which one thing is done after the other, so that at each call nobody else is in another."""
    machine = WatchedMachine()
    plugged(patch, machine)
    seen = state.with_name(f"{state.name}-seen")
    patch.setenv("MOOTHALL_PASSPHRASE_FILE", str(home / "passphrase"))
    patch.setenv("XDG_CONFIG_HOME", str(seen))
    patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    patch.setattr("secrets.token_bytes", lambda size: b"\1" * size)  # one key everywhere, so that ends can be compared
    patch.setattr("moothall.deploy.order.CONCURRENT_STACKS", 1)
    patch.setattr("moothall.pulumi_engine.steps.apply_goals.AT_ONCE", 1)
    patch.setattr("moothall.pulumi_engine.steps.step_executor.DELETES_AT_ONCE", 1)
    return Scene(roots, state, machine, dead, seen)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory, home: Path, roots: Roots, dead: int) -> FilmOf:
    """Return what gives the film of a deed, which is done once."""

    @cache
    def made(deed: str) -> Film:
        with pytest.MonkeyPatch.context() as patch:
            scene = begun(patch, home, roots, tmp_path_factory.mktemp("state"), dead)
            DEEDS[deed].prepare(scene)
            return filmed(scene, deed, scene.still())

    return made


@pytest.fixture
def scene(home: Path, roots: Roots, dead: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene with nothing on it."""
    return begun(monkeypatch, home, roots, tmp_path / "state", dead)
