"""A partnership whose engines are a machine in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import built
from tests.fakes.dales import DAY, NEW, OLD, cluster, define
from tests.fakes.engine import Engine
from tests.fakes.machine import Machine, logins
from tests.fakes.postgres import Cluster, Database

from moothall import imagetags
from moothall.compilation import compile_all
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.planning import by_id
from moothall.operations.secrets import passing_vault
from moothall.ports import Silent, Vault
from moothall.validation.validate import validate

PLACES = (
    "docker_engine.pool",
    "operations.restore.copy",
    "operations.drill.run",
    "operations.drill.sandbox",
    "operations.switchover.server",
)
"""Where moothall makes its engines."""


class InTurn:
    """A pool of threads without threads, so that each run takes the same steps in the same order."""

    def __init__(self, workers: int) -> None:
        """Take how many there might be."""

    def __enter__(self) -> InTurn:
        return self

    def __exit__(self, *error: object) -> None:
        """Nobody is waited for."""

    def map(self, do: Callable[[Any], object], subjects: Iterable[Any]) -> Iterator[object]:
        """Do it for one subject after another."""
        return map(do, subjects)


content_digest_once = cache(imagetags.content_digest)


class Ticking(datetime):
    """A clock on which a second passes whenever somebody looks, for what is named by the second."""

    seconds = count(1)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Ticking:
        """Return the next second."""
        return cls(2008, 6, 1, tzinfo=tz) + timedelta(seconds=next(cls.seconds))


@pytest.fixture(scope="session")
def dales(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """The folder with the definitions, which nobody changes, and the plan of the day."""
    root = tmp_path_factory.mktemp("dales")
    define(root)
    [plan] = compile_all(validate(root, DAY).definitions, DAY, "dales")
    return root, by_id(plan, built.image_ids())


@pytest.fixture
def context(dales: tuple[Path, Plan], tmp_path: Path) -> Context:
    """A request of the day, whose state is empty."""
    return Context(dales[0], tmp_path / "state", DAY, Silent(), command_words=("restore", "alston", "--swap"))


@pytest.fixture
def machine(dales: tuple[Path, Plan], monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The partnership stands; its backups are older than what it holds. Nobody waits for what never comes."""
    made = Machine(dales[1], cluster(OLD, NEW), cluster(OLD))

    def engine(endpoint: object, seconds: float = 0) -> Engine:
        return Engine(made, endpoint)

    def ready(plan: Plan, vault: object, engines: object, tenants: Any, *more: object) -> object:
        return logins(made, plan, tenants)

    for place in PLACES:
        monkeypatch.setattr(f"moothall.{place}.Engine", engine)
    for place in ("restore.swap", "drill.sandbox"):
        monkeypatch.setattr(f"moothall.operations.{place}.wait_ready", ready)
    for place in ("restore.tenant", "restore.instance", "restore.run"):
        monkeypatch.setattr(f"moothall.operations.{place}.datetime", Ticking)

    def up(wanted: Any, leaving: object, *more: object) -> list[object]:
        for stack in wanted.plan.stacks:
            if wanted.is_selected(stack):
                made.stand(wanted.plan, stack, Cluster({"postgres": Database("postgres")}, {}))
        return []

    monkeypatch.setattr("moothall.deploy.deployment.up", up)
    monkeypatch.setattr("moothall.operations.drill.run.supply", lambda *given: (built.image_ids(), {}))
    monkeypatch.setattr("moothall.operations.drill.failover.verify", lambda *given, **how: ())
    monkeypatch.setattr("moothall.operations.restore.swap.ThreadPoolExecutor", InTurn)
    for name in ("RENAME_SECONDS", "LOGIN_SECONDS", "_PAUSE_SECONDS"):
        monkeypatch.setattr(f"moothall.postgres.databases.{name}", 0.0)
    return made


@pytest.fixture(autouse=True)
def known_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the images are made from stays as it is: it is read once, and not for each of a thousand plans."""
    monkeypatch.setattr(imagetags, "content_digest", content_digest_once)


@pytest.fixture
def stood(dales: tuple[Path, Plan], machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root of one's own, from which commands are typed; they find the machine, and secrets of the moment."""
    define(tmp_path / "root")
    built.record(tmp_path / "root" / ".moothall", "dales")

    def vault(context: object, plan: Plan, **how: object) -> Vault:
        return passing_vault(plan)

    def identity(endpoint: object) -> str:
        return "THIS"

    monkeypatch.setattr("moothall.pulumi_engine.identity", identity)
    for place in ("commands.recovery.restore", "operations.drill.run", "operations.offboarding.handover"):
        monkeypatch.setattr(f"moothall.{place}.open_vault", vault)
    for name in [name for name in os.environ if name.startswith(("MOOTHALL_", "DOCKER_"))]:
        monkeypatch.delenv(name)
    return tmp_path / "root"
